// Port has no compare-and-set. What a dispatch writes before it starts something is what a later one of the same Port run
// sees, if the first is killed.
import { describe, expect, it } from 'vitest'
import { audit, violations } from '../../../test/faults/audit.ts'
import { type Backend, Machine, type MachineDispatch } from '../../../test/faults/machine.ts'
import { failing, type Scene, scene, status } from '../../../test/faults/scene.ts'
import type { RequestKind } from '../../../test/faults/stand-in/stand-in.ts'

const ID = 'r_mine'
const BACKENDS = ['GITHUB', 'GITLAB'] as const

/** A dispatch whose machine is killed when its first request of a kind has come. What the server does is done. */
async function killed(here: Scene, backend: Backend, kind: RequestKind): Promise<void> {
  const { time, server, machine, faults } = here
  server.port.createRun(ID)
  const arrived = new Promise<void>((resolve) => {
    faults.push((requested) => {
      if (requested === kind) {
        machine.kill()
        resolve()
      }
      return undefined
    })
  })
  void machine.dispatch(backend, ID)
  await time.until(arrived)
  faults.pop()
  await time.until(time.sleep(1_000))
}

/** Another dispatch of the same Port run, on another machine. */
async function again(here: Scene, backend: Backend, options: MachineDispatch = {}) {
  const { time, server } = here
  const machine = new Machine({ time, server })
  const settled = await time.until(
    machine.dispatch(backend, ID, options).then(
      (result) => ({ result, error: undefined }),
      (error: Error & { why?: string; code?: string }) => ({ result: undefined, error }),
    ),
  )
  return { ...settled, said: machine.said.join('\n'), portRun: server.port.runs.get(ID) }
}

function started({ server }: Scene) {
  return [...server.github.work.all, ...server.gitlab.work.all]
}

describe('a dispatch after one that was killed', () => {
  it.for(BACKENDS)('takes over the run that was started (%s)', async (backend) => {
    const here = scene()
    await killed(here, backend, 'start')
    const { result, said, portRun } = await again(here, backend)
    const [work] = started(here)
    expect(started(here)).toHaveLength(1)
    expect(result?.started).toMatchObject({ run: { id: String(work?.id) }, earlier: true })
    expect(said).toContain(`Port run ${ID} has the label "Starting on`)
    expect(portRun).toMatchObject({
      status: 'FAILURE',
      statusLabel: `Failed at "job of ${work?.id}"`,
    })
    expect(violations(audit(here.server))).toEqual([])
  })

  it('takes over the run of an agent, whose label says more', async () => {
    const here = scene()
    await killed(here, 'GITLAB', 'start')
    const portRun = here.server.port.runs.get(ID)
    if (portRun) portRun.statusLabel += ' (received by webhook)'
    const { result } = await again(here, 'GITLAB')
    expect(started(here)).toHaveLength(1)
    expect(result?.started).toMatchObject({ earlier: true })
  })

  it('takes over the run that reported itself, where no run carries the Port run ID', async () => {
    const here = scene({ marked: false })
    await killed(here, 'GITHUB', 'start')
    const [work] = started(here)
    const reported = here.time.sleep(20_000).then(() => {
      const portRun = here.server.port.runs.get(ID)
      if (portRun && work) portRun.externalRunId = here.server.github.externalRunId(work)
    })
    const { result } = await again(here, 'GITHUB')
    await reported
    expect(result?.started).toMatchObject({ run: { id: String(work?.id) }, earlier: true })
    expect(started(here)).toHaveLength(1)
  })

  it.for(['start', 'port-update'] as const)(
    'starts nothing where it cannot be certain, and leaves the Port run alone (killed at %s)',
    async (kind) => {
      const here = scene({ marked: false })
      await killed(here, 'GITHUB', kind)
      const before = started(here).length
      const { error, portRun } = await again(here, 'GITHUB')
      expect(error).toMatchObject({ name: 'EarlierDispatchError', code: 'PORT' })
      expect(started(here)).toHaveLength(before)
      expect(portRun).toMatchObject({ status: 'IN_PROGRESS', statusLabel: 'Starting on GitHub' })
      expect(portRun?.log).toEqual([])
      // The user has looked.
      await again(here, 'GITHUB', { again: true })
      expect(started(here)).toHaveLength(before + 1)
    },
  )

  it('starts it where the backend proves that nothing was started', async () => {
    const here = scene()
    await killed(here, 'GITLAB', 'port-update')
    const begin = here.time.now()
    const { result } = await again(here, 'GITLAB', { wait: undefined })
    expect(result?.started).toMatchObject({ type: 'run' })
    expect(started(here)).toHaveLength(1)
    expect(here.time.now() - begin).toBeGreaterThan(290_000)
  })

  it('does not look for what a REPORT step or a person wrote', async () => {
    const here = scene()
    const portRun = here.server.port.createRun(ID)
    portRun.statusLabel = 'Waiting for Jane'
    const { result } = await again(here, 'GITHUB', { wait: undefined })
    expect(result?.started).not.toHaveProperty('earlier')
    expect(here.server.count.get('list')).toBeUndefined()
  })

  it('ends with a stop while it looks, and does not end the Port run, which may go on', async () => {
    const here = scene({ marked: false })
    await killed(here, 'GITHUB', 'start')
    const machine = new Machine(here)
    const stop = here.time.sleep(10_000).then(() => machine.terminate())
    const error = await here.time.until(machine.dispatch('GITHUB', ID).catch((thrown) => thrown))
    await stop
    expect(error).toMatchObject({ name: 'EarlierDispatchError' })
    expect(here.server.port.runs.get(ID)?.status).toBe('IN_PROGRESS')
  })

  it('starts nothing and changes nothing when the Port run has ended meanwhile', async () => {
    const here = scene()
    const portRun = here.server.port.createRun(ID)
    Object.assign(portRun, { status: 'FAILURE', statusLabel: 'Cancelled' })
    const { error } = await again(here, 'GITHUB')
    expect(error?.message).toContain('already ended with FAILURE')
    expect(here.server.count.get('port-update')).toBeUndefined()
  })
})

describe('a dispatch while another one starts', () => {
  it.for(BACKENDS)('shows the run of the other one (%s)', async (backend) => {
    const here = scene({ createdAfter: () => 15_000, lag: () => 30_000 })
    const { time, server, machine } = here
    server.port.createRun(ID)
    const first = machine.dispatch(backend, ID)
    await time.until(time.sleep(110))
    const { result } = await again(here, backend)
    await time.until(first)
    expect(started(here)).toHaveLength(1)
    expect(result?.outcome?.status).toBe('FAILURE')
    expect(violations(audit(server))).toEqual([])
  })
})

describe('a Port run that shows a run of the target', () => {
  it.for(BACKENDS)('by its link only is not dispatched again (%s)', async (backend) => {
    const here = scene({ marked: false })
    here.server.port.createRun(ID)
    here.faults.push(failing('read', 'before', status(200, 'unreadable')))
    const { time, machine } = here
    const first = machine.dispatch(backend, ID, { wait: undefined })
    await time.until(first)
    const portRun = here.server.port.runs.get(ID)
    expect(portRun).toMatchObject({ statusLabel: 'Running', link: expect.any(String) })
    delete portRun?.externalRunId
    const { error } = await again(here, backend)
    expect(error).toMatchObject({ name: 'SecondRunError' })
    const resumed = await again(here, backend, { earlier: 'resume' })
    expect(resumed.result?.outcome).toBeDefined()
    expect(started(here)).toHaveLength(1)
  })

  it.for(
    BACKENDS.flatMap((backend) =>
      (['link', 'externalRunId'] as const).map((by) => ({ backend, by })),
    ),
  )(
    'by its $by is not dispatched again while the backend does not show it yet ($backend)',
    async ({ backend, by }) => {
      const here = scene({ createdAfter: () => 30_000 })
      const { server, time, machine } = here
      server.port.createRun(ID)
      await time.until(machine.dispatch(backend, ID, { wait: undefined }))
      const [work] = started(here)
      const portRun = server.port.runs.get(ID)
      const names = backend === 'GITHUB' ? server.github : server.gitlab
      if (!work || !portRun) throw new Error('Nothing was started')
      delete portRun.link
      delete portRun.externalRunId
      portRun[by] = by === 'link' ? names.url(work) : names.externalRunId(work)
      const { error } = await again(here, backend)
      expect(error).toMatchObject({ name: 'SecondRunError' })
      expect(error?.message).toContain('which may be a run of')
      expect(started(here)).toHaveLength(1)
    },
  )

  it('that is of another repository or project, and not shown, is dispatched', async () => {
    const here = scene()
    const { server } = here
    server.port.createRun(ID).externalRunId = 'gh_1_999999_5'
    await again(here, 'GITHUB', { wait: undefined })
    server.port.createRun('r_other').externalRunId = 'gl_999999_5'
    await here.time.until(here.machine.dispatch('GITLAB', 'r_other', { wait: undefined }))
    expect(started(here)).toHaveLength(2)
  })

  it('that is older, or is the one in which the dispatch runs, is dispatched', async () => {
    const here = scene({ marked: false })
    const { server, time } = here
    const old = server.github.work.start({}, 'main')
    await time.until(time.sleep(600_000))
    const own = server.github.work.start({}, 'main')
    const portRun = server.port.createRun(ID)
    portRun.link = [server.github.url(old), server.github.url(own)]
    const ownExternalRunId = server.github.externalRunId(own)
    const { result } = await again(here, 'GITHUB', { wait: undefined, ownExternalRunId })
    expect(result?.started).not.toHaveProperty('earlier')
    expect(started(here)).toHaveLength(3)
  })

  async function linked(here: Scene): Promise<void> {
    await killed(here, 'GITHUB', 'read')
    await here.time.until(here.time.sleep(10_000))
    // The link goes out without the first reading.
    const portRun = here.server.port.runs.get(ID)
    const [work] = started(here)
    if (portRun && work) portRun.externalRunId = here.server.github.externalRunId(work)
  }

  it('is not dispatched again', async () => {
    const here = scene()
    await linked(here)
    const { error, portRun } = await again(here, 'GITHUB')
    expect(error).toMatchObject({ name: 'SecondRunError' })
    expect(portRun?.statusLabel).toBe('Starting on GitHub')
  })

  it('is followed to its end by who resumes', async () => {
    const here = scene()
    await linked(here)
    const { result, portRun } = await again(here, 'GITHUB', { earlier: 'resume' })
    expect(result).toMatchObject({ started: { earlier: true }, outcome: { status: 'FAILURE' } })
    expect(started(here)).toHaveLength(1)
    expect(portRun?.finals).toBe(1)
  })
})

describe('a dispatch that needs no look or an announcement', () => {
  it('costs one request to Port less where nothing can have been dispatched before', async () => {
    const requests = async (options: MachineDispatch) => {
      const here = scene()
      here.server.port.createRun(ID)
      await again(here, 'GITHUB', { wait: undefined, ...options })
      const { count } = here.server
      return [count.get('port-read') ?? 0, count.get('port-update')]
    }
    expect(await requests({ earlier: 'none' })).toEqual([0, 2])
    expect(await requests({})).toEqual([1, 2])
  })

  it.for([
    ['port-read', 'refuse', 0],
    ['port-update', 'refuse', 0],
    ['port-update', 'start', 1],
  ] as const)('while Port is away (%s): %s', async ([kind, ifUnannounced, starts]) => {
    const here = scene()
    const portRun = here.server.port.createRun(ID)
    here.faults.push(failing(kind, 'before', status(503), 1_000))
    const { error } = await again(here, 'GITHUB', { ifUnannounced, wait: undefined })
    expect(started(here)).toHaveLength(starts)
    if (starts === 0) expect(error).toMatchObject({ code: 'PORT' })
    expect(portRun.status).toBe('IN_PROGRESS')
  })
})

describe('settle', () => {
  const settled = (here: Scene, backend: Backend, when: { since?: number; over?: number } = {}) =>
    here.time.until(
      new Machine(here).settle(backend, ID, { since: here.time.now() - 60_000, ...when }),
    )

  it.for(BACKENDS)('finds the run by the Port run ID (%s)', async (backend) => {
    const here = scene({ lag: () => 30_000 })
    await killed(here, backend, 'start')
    const [work] = started(here)
    const run = { id: String(work?.id) }
    expect(await settled(here, backend)).toMatchObject({ type: 'run', run })
    expect(started(here)).toHaveLength(1)
  })

  it('does not take a run that was made before', async () => {
    const here = scene()
    await killed(here, 'GITHUB', 'start')
    await here.time.until(here.time.sleep(600_000))
    expect(await settled(here, 'GITHUB', { over: 0 })).toEqual({ type: 'unknown' })
  })

  it('is certain that GitLab started nothing five minutes after the start was over', async () => {
    const here = scene()
    here.server.port.createRun(ID)
    const over = here.time.now()
    expect(await settled(here, 'GITLAB', { over })).toEqual({ type: 'not-started' })
    expect(here.time.now() - over).toBeGreaterThanOrEqual(300_000)
    const begin = here.time.now()
    expect(await settled(here, 'GITLAB', { over })).toEqual({ type: 'not-started' })
    expect(here.time.now() - begin).toBeLessThan(2_000)
  })

  it.for<[string, (here: Scene) => void]>([
    [
      'a pipeline carries the Port run ID in another way',
      ({ server }) => server.gitlab.work.start({ OTHER: `for ${ID}` }, 'other'),
    ],
    [
      'the list cannot be read',
      ({ faults }) => faults.push(failing('list', 'before', status(403), 1e4)),
    ],
    [
      'the variables cannot be read',
      ({ server, faults }) => {
        server.gitlab.work.start({ OTHER: 'x' }, 'main')
        faults.push(failing('variables', 'before', status(403), 1e4))
      },
    ],
    [
      'the server does not say what time it is, and has more pipelines than are looked at',
      ({ server }) => {
        for (let n = 0; n < 100; n++) server.gitlab.work.start({}, 'main')
        server.withoutDate = true
      },
    ],
  ])('is not certain that GitLab started nothing while %s', async ([, arrange]) => {
    const here = scene()
    here.server.port.createRun(ID)
    arrange(here)
    expect(await settled(here, 'GITLAB')).toEqual({ type: 'unknown' })
  })

  it('is never certain that GitHub started nothing', async () => {
    const here = scene()
    here.server.port.createRun(ID)
    expect(await settled(here, 'GITHUB')).toEqual({ type: 'unknown' })
    await here.time.until(here.time.sleep(86_400_000))
    expect(await settled(here, 'GITHUB', { over: 0 })).toEqual({ type: 'unknown' })
  })
})

describe('resume', () => {
  it.for(BACKENDS)('follows a run to its end and reports it (%s)', async (backend) => {
    const here = scene()
    await killed(here, backend, 'start')
    const [work] = started(here)
    if (!work) throw new Error('Nothing was started')
    const { server, time } = here
    const side = backend === 'GITHUB' ? server.github : server.gitlab
    const result = await time.until(new Machine(here).resume(backend, ID, side.externalRunId(work)))
    expect(result).toMatchObject({ outcome: { status: 'FAILURE' }, reported: 'reported' })
    expect(server.port.runs.get(ID)).toMatchObject({
      status: 'FAILURE',
      link: side.url(work),
      externalRunId: side.externalRunId(work),
      finals: 1,
    })
    expect(started(here)).toHaveLength(1)
  })

  it('refuses a run of something else, and leaves the Port run open', async () => {
    const here = scene()
    here.server.port.createRun(ID)
    const error = await here.time.until(
      new Machine(here).resume('GITHUB', ID, 'gh_1_2_777').catch((thrown) => thrown),
    )
    expect(error.message).toContain('gh_1_2_777 is not a run of acme/services/deploy.yml')
    expect(here.server.port.runs.get(ID)?.status).toBe('IN_PROGRESS')
  })

  it('does not follow what Port has ended', async () => {
    const here = scene()
    await killed(here, 'GITHUB', 'start')
    const [work] = started(here)
    if (!work) throw new Error('Nothing was started')
    Object.assign(here.server.port.runs.get(ID) ?? {}, { status: 'SUCCESS' })
    const begin = here.time.now()
    const id = here.server.github.externalRunId(work)
    await here.time.until(new Machine(here).resume('GITHUB', ID, id))
    expect(here.time.now() - begin).toBeLessThan(5_000)
  })
})
