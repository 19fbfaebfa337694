import { afterAll, describe, expect, it } from 'vitest'
import { representative } from '../support/thorough.ts'
import { audit, violations } from './audit.ts'
import { type Backend, Machine } from './machine.ts'
import { scene, status } from './scene.ts'
import type { GithubBehaviour } from './stand-in/github.ts'
import type { Fault } from './stand-in/stand-in.ts'

const MINUTES_15 = 900_000
const MACHINES = 6

const ANSWERS: Record<string, { names: GithubBehaviour['names']; fault?: Fault }> = {
  '200': { names: 'yes' },
  '204': { names: 'no' },
  '422, then 204': { names: 'refuses' },
  '502 after': { names: 'yes', fault: { when: 'after', what: status(502) } },
  'reset after': { names: 'yes', fault: { when: 'after', what: 'reset' } },
  'no answer': { names: 'yes', fault: { when: 'after', what: 'hang' } },
  'reset before': { names: 'yes', fault: { when: 'before', what: 'reset' } },
}
const LAGS = [0, 45_000, 60_000]
const SKEWS = [-MINUTES_15, 0, MINUTES_15]

interface Cell {
  backend: Backend
  answer: string
  lag: number
  skew: number
  marked: boolean
}

/** GitLab always names a pipeline, and pipelines carry the Port run id in their variables. */
const combinations: Cell[] = (['GITHUB', 'GITLAB'] as const)
  .flatMap((backend) =>
    Object.keys(ANSWERS).flatMap((answer) =>
      LAGS.flatMap((lag) =>
        SKEWS.flatMap((skew) =>
          [true, false].map((marked) => ({ backend, answer, lag, skew, marked })),
        ),
      ),
    ),
  )
  .filter(({ backend, answer, marked }) => backend === 'GITHUB' || (marked && !/204/.test(answer)))
/** Each answer marked and not, and each pair of the others. */
const cells = representative(combinations, ({ backend, answer, lag, skew, marked }) => [
  [backend, answer, marked].join(),
  [backend, lag, skew].join(),
])
const rows = new Map<string, { starts: number; known: number; unknown: number; cells: number }>()

describe('processes that dispatch at one moment', () => {
  it.for(cells)(
    '$backend: $answer, lists $lag ms late, server $skew ms ahead, marked: $marked',
    async (cell) => {
      const { backend, answer, lag, skew, marked } = cell
      const { names, fault } = ANSWERS[answer] ?? { names: 'yes' }
      const here = scene({
        names,
        marked,
        skew,
        lag: (n) => (n % 2 === 0 ? lag : lag / 2),
        duration: () => 20_000,
      })
      const { time, server } = here
      // Every other start has the fault.
      let starts = 0
      here.faults.push((kind) => (kind === 'start' && starts++ % 2 === 0 ? fault : undefined))
      const dispatches = Array.from({ length: MACHINES }, async (_, i) => {
        const { id } = server.port.createRun(`r_run${i}`)
        const machine = new Machine({ time, server, skew: SKEWS[i % 3] })
        await time.sleep(i * 700)
        await machine.dispatch(backend, id).catch(() => {})
      })
      await time.until(Promise.all(dispatches))
      const entries = audit(server)
      expect(violations(entries)).toEqual([])
      expect(entries.filter(({ ends }) => ends !== 1)).toEqual([])
      const unknown = entries.filter(({ isUnknown }) => isUnknown).length
      const work = server.github.work.all.length + server.gitlab.work.all.length
      const isNamed = names === 'yes' && fault === undefined
      // What carries the Port run id is always found.
      if (isNamed || marked) expect(MACHINES - unknown).toBe(work)
      note(cell, work, MACHINES - unknown)
    },
  )
})

function note({ backend, answer, marked }: Cell, starts: number, known: number): void {
  const name = `${backend.padEnd(7)}${answer.padEnd(15)}${marked ? 'marked' : ''}`
  const row = rows.get(name) ?? { starts: 0, known: 0, unknown: 0, cells: 0 }
  row.cells++
  row.starts += starts
  row.known += known
  row.unknown += MACHINES - known
  rows.set(name, row)
}

afterAll(() => {
  const head = `${''.padEnd(30)}dispatches  started  end known  unknown`
  const lines = [...rows].map(([name, { cells: count, starts, known, unknown }]) =>
    [
      name.padEnd(30),
      ...[count * MACHINES, starts, known, unknown].map((n) => String(n).padEnd(10)),
    ].join(''),
  )
  process.stdout.write(`\n${[head, ...lines].join('\n')}\n`)
})
