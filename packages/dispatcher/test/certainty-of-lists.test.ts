// What is not in a list does not exist only if all of the list was seen, and could be read.
import { describe, expect, it } from 'vitest'
import { Machine, type MachineDispatch } from '../../../test/faults/machine.ts'
import { type Scene, scene } from '../../../test/faults/scene.ts'
import type { Reply } from '../../../test/faults/stand-in/exchange.ts'

const ID = 'r_mine'
const MINUTE = 60_000

async function dispatched(
  here: Scene,
  backend: 'GITHUB' | 'GITLAB',
  options: MachineDispatch = {},
) {
  const { time, server } = here
  const machine = new Machine({ time, server })
  const portRun = server.port.runs.get(ID) ?? server.port.createRun(ID)
  const settled = await time.until(
    machine.dispatch(backend, ID, options).then(
      (result) => ({ result, error: undefined }),
      (error: Error & { why?: string; code?: string }) => ({ result: undefined, error }),
    ),
  )
  return { ...settled, portRun }
}

/** An earlier dispatch was killed after its start: Port shows no more than its label. */
async function afterKilledDispatch(here: Scene, others: number) {
  const { time, server } = here
  const portRun = server.port.createRun(ID)
  portRun.statusLabel = 'Starting on GitLab'
  const ours = server.gitlab.work.start(
    { PORT_CONTEXT: JSON.stringify({ runId: ID }), port_run_id: ID },
    'main',
  )
  for (let number = 0; number < others; number++) {
    server.gitlab.work.start({ port_run_id: `r_other${number}` }, 'main')
  }
  await time.until(time.sleep(6 * MINUTE))
  return ours
}

function listing(here: Scene, reply: Reply): void {
  here.faults.push((kind) => (kind === 'list' ? { when: 'before', what: reply } : undefined))
}

describe('the list of a server that sends fewer entries than were requested', () => {
  it('is read to its end before a pipeline counts as not started', async () => {
    const here = scene()
    here.server.gitlab.pageLimit = 20
    const ours = await afterKilledDispatch(here, 30)
    const { result } = await dispatched(here, 'GITLAB')
    expect(here.server.gitlab.work.all).toHaveLength(31)
    expect(result?.started).toMatchObject({ run: { id: String(ours.id) }, earlier: true })
  })

  it('is read to its end before one of its runs is guessed', async () => {
    const here = scene({ names: 'no', marked: false })
    here.server.github.pageLimit = 1
    here.faults.push((kind) => {
      if (kind === 'start') here.server.github.work.start({ other: 'x' }, 'main')
      return undefined
    })
    expect((await dispatched(here, 'GITHUB')).error).toMatchObject({ why: 'which' })
  })

  it('proves nothing if each page is the same', async () => {
    const here = scene()
    await afterKilledDispatch(here, 1)
    const [, other] = here.server.gitlab.work.all
    const created_at = new Date(here.time.now()).toISOString()
    const entry = { id: other?.id ?? 0, status: 'success', ref: 'main', created_at }
    listing(here, { status: 200, body: [entry] })
    const { error } = await dispatched(here, 'GITLAB')
    expect(error?.message).toContain('It is unknown whether an earlier dispatch')
    expect(here.server.gitlab.work.all).toHaveLength(2)
  })
})

describe('a list with entries that cannot be read', () => {
  it('does not prove that no pipeline was started', async () => {
    const here = scene()
    await afterKilledDispatch(here, 0)
    listing(here, { status: 200, body: [{ id: null, ref: 'main', status: 'running' }] })
    const { error } = await dispatched(here, 'GITLAB')
    expect(error?.message).toContain('It is unknown whether an earlier dispatch')
    expect(here.server.gitlab.work.all).toHaveLength(1)
  })

  it('is not guessed from', async () => {
    const here = scene({ names: 'no', marked: false })
    const created_at = new Date(here.time.now()).toISOString()
    here.faults.push((kind) => {
      if (kind !== 'list') return undefined
      const [ours] = here.server.github.work.all
      const other = {
        id: 9_999,
        html_url: 'https://github.test/acme/services/actions/runs/9999',
        event: 'workflow_dispatch',
        head_branch: 'main',
        created_at,
      }
      const body = { total_count: 2, workflow_runs: [other, { id: `${ours?.id}` }] }
      return { when: 'before', what: { status: 200, body } }
    })
    const { error } = await dispatched(here, 'GITHUB')
    expect(error).toMatchObject({ why: 'not-shown' })
  })
})

describe('a number too large to be exact', () => {
  it.for(['9007199254740993', '1e300', '0', '-5', '1.5', '"12"'])(
    'does not name the pipeline of somebody else (%s)',
    async (id) => {
      const here = scene()
      const text = `{"id": ${id}, "project_id": 44, "status": "success", "web_url": "https://gitlab.test/other"}`
      here.faults.push((kind) =>
        kind === 'start' ? { when: 'before', what: { status: 201, text } } : undefined,
      )
      const { error, portRun } = await dispatched(here, 'GITLAB')
      expect(error).toMatchObject({ why: 'lost' })
      expect(portRun).toMatchObject({ statusLabel: 'Unknown whether it started' })
      expect(here.server.count.get('read') ?? 0).toBe(0)
    },
  )
})
