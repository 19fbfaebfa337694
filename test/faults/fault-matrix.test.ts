import { afterAll, describe, expect, it } from 'vitest'
import { representative } from '../support/thorough.ts'
import { type BackendType, type Cell, dispatchUnderFault } from './dispatch-under-fault.ts'
import { FAULTS, REQUESTS } from './fault.ts'

type Expected = Pick<Cell, 'started' | 'finals' | 'status' | 'statusLabel' | 'exitCode'>

const SUCCESS: Expected = {
  started: 1,
  finals: 1,
  status: 'SUCCESS',
  statusLabel: 'Success',
  exitCode: 0,
}
/** The backend refused. */
const NOT_STARTED: Expected = {
  started: 0,
  finals: 1,
  status: 'FAILURE',
  statusLabel: 'Not started',
  exitCode: 3,
}
/** The response was lost and no run with our Port run id appeared: that proves nothing, so it is not sent again. */
const UNKNOWN: Expected = { ...NOT_STARTED, statusLabel: 'Unknown whether it started' }
/** The work was done, and Port was away for longer than the time limit. */
const NOT_REPORTED: Expected = {
  started: 1,
  finals: 0,
  status: 'IN_PROGRESS',
  statusLabel: 'Running',
  exitCode: 4,
}

/** Every cell ends as if nothing had happened, but for these. */
const EXCEPTIONS: Record<string, Expected> = {
  // Port refuses the credentials themselves: nothing is started, and Port cannot be told why.
  'token: expired token': {
    ...NOT_STARTED,
    finals: 0,
    status: 'IN_PROGRESS',
    statusLabel: undefined,
  },
  'token: 503 for ever': { ...NOT_REPORTED, statusLabel: undefined },
  'final: 503 for ever': NOT_REPORTED,
  // The end is told all the same, and the user of the link that Port did not get.
  'link: 503 for ever': { ...SUCCESS, exitCode: 4 },
  'dispatch: expired token': NOT_STARTED,
  'dispatch: reset before': UNKNOWN,
  'dispatch: 500 twice': UNKNOWN,
  'dispatch: 503 for ever': UNKNOWN,
  'dispatch: HTML page': UNKNOWN,
  'poll: 503 for ever': { ...SUCCESS, status: 'FAILURE', statusLabel: 'Timed out', exitCode: 1 },
}

/** Each backend with each fault, with a fault in each of its requests, and whatever ends otherwise. */
const cells = representative(
  (['GITHUB', 'GITLAB'] as const).flatMap((type) =>
    REQUESTS.flatMap((kind) => FAULTS.map((fault) => [type, kind, fault] as const)),
  ),
  ([type, kind, fault]) => {
    const exceptions = [`${type} ${kind}: ${fault}`, `${kind}: ${fault}`]
    return [
      `${type}, ${fault}`,
      `${type}, ${kind}`,
      ...exceptions.filter((name) => Object.hasOwn(EXCEPTIONS, name)),
    ]
  },
)
const results = new Map<string, Cell>()

describe.concurrent('a fault in one request of a dispatch', () => {
  it.for(cells)('%s, %s, %s', async ([type, kind, fault]) => {
    const cell = await dispatchUnderFault(type, kind, fault)
    results.set(`${type} ${kind} ${fault}`, cell)
    const name = `${kind}: ${fault}`
    const expected = EXCEPTIONS[`${type} ${name}`] ?? EXCEPTIONS[name] ?? SUCCESS
    const { started, finals, status, statusLabel, exitCode, struck } = cell
    expect({ started, finals, status, statusLabel, exitCode }, cell.told.join('\n')).toEqual(
      expected,
    )
    expect(struck).toBeGreaterThan(0)
    if (expected !== SUCCESS) expect(cell.told.join('\n')).not.toBe('')
  })
})

afterAll(() => {
  for (const type of ['GITHUB', 'GITLAB'] as const) process.stdout.write(`\n${matrix(type)}\n`)
})

/** Rows are faults, columns requests; a cell is `runs started / final statuses / exit code`. */
function matrix(type: BackendType): string {
  const row = (name: string, texts: readonly string[]) =>
    name.padEnd(17) + texts.map((text) => text.padEnd(10)).join('')
  const rows = FAULTS.map((fault) =>
    row(
      fault,
      REQUESTS.map((kind) => {
        const cell = results.get(`${type} ${kind} ${fault}`)
        return cell ? `${cell.started} / ${cell.finals} / ${cell.exitCode}` : '-'
      }),
    ),
  )
  return [row(type, REQUESTS), ...rows].join('\n')
}
