import { describe, expect, it } from 'vitest'
import { failing, type Scene, scene, status } from '../../../test/faults/scene.ts'
import type { RequestKind } from '../../../test/faults/stand-in/stand-in.ts'

const ID = 'r_mine'

async function dispatched(
  { time, server, machine }: Scene,
  ...[backend, options]: [
    backend: 'GITHUB' | 'GITLAB',
    options?: Parameters<Scene['machine']['dispatch']>[2],
  ]
) {
  const portRun = server.port.runs.get(ID) ?? server.port.createRun(ID)
  const settled = await time.until(
    machine.dispatch(backend, ID, options).then(
      (result) => ({ result, error: undefined }),
      (error: Error & { why?: string; code?: string }) => ({ result: undefined, error }),
    ),
  )
  return { ...settled, portRun }
}

describe('a run that is not the one that was started', () => {
  it.for(['GITHUB', 'GITLAB'] as const)(
    'is not taken though an earlier start of the same Port run made it (%s)',
    async (backend) => {
      const here = scene()
      const portRun = here.server.port.createRun(ID)
      const inputs = { PORT_CONTEXT: JSON.stringify({ runId: ID }), port_run_id: ID }
      for (const server of [here.server.github, here.server.gitlab])
        server.work.start(inputs, 'main')
      await here.time.until(here.time.sleep(40_000))
      here.faults.push(failing('start', 'before', 'reset'))
      const { error } = await dispatched(here, backend, { again: true })
      expect(error).toMatchObject({ why: 'lost' })
      expect(portRun.link).toBeUndefined()
    },
  )

  it('is not taken though Port names it, when Port could not be read before the start', async () => {
    const here = scene({ marked: false })
    const earlier = here.server.github.work.start({ port_run_id: ID }, 'main')
    const portRun = here.server.port.createRun(ID)
    portRun.externalRunId = here.server.github.externalRunId(earlier)
    await here.time.until(here.time.sleep(40_000))
    here.faults.push(failing('port-update', 'before', status(503), 20))
    here.faults.push(failing('start', 'before', 'reset'))
    const { error } = await dispatched(here, 'GITHUB', { earlier: 'none' })
    expect(error).toMatchObject({ why: 'lost' })
  })

  it('is not taken though its title names our Port run, if something else than a dispatch began it', async () => {
    const here = scene()
    here.faults.push(failing('start', 'before', 'reset'), (kind) => {
      if (kind === 'start') {
        const push = here.server.github.work.start({ port_run_id: ID }, 'main')
        push.event = 'push'
      }
      return undefined
    })
    here.faults.reverse()
    const { error, portRun } = await dispatched(here, 'GITHUB')
    expect(error).toMatchObject({ why: 'lost' })
    expect(portRun.link).toBeUndefined()
  })

  it('is not taken if it is one that ours triggered with the same variables', async () => {
    const here = scene({ createdAfter: (n) => n * 1_000 })
    let triggered = false
    here.faults.push((kind) => {
      if (kind === 'list' && !triggered) {
        triggered = true
        const [ours] = here.server.gitlab.work.all
        here.server.gitlab.work.start({ ...ours?.inputs }, 'main')
      }
      return undefined
    })
    here.faults.push(failing('start', 'after', 'reset'))
    const { result } = await dispatched(here, 'GITLAB')
    expect(result?.started).toMatchObject({ run: { id: '5000' } })
  })

  it('is not guessed while Port cannot say whether it is that of another Port run', async () => {
    const here = scene({ names: 'no', marked: false })
    here.faults.push(failing('port-find', 'before', status(503), 1_000))
    const { error } = await dispatched(here, 'GITHUB')
    expect(error).toMatchObject({ why: 'which' })
  })

  it('is not guessed when several could be it and the server does not say when they were made', async () => {
    const here = scene({ names: 'no', marked: false })
    here.server.github.work.start({ other: 'r_other' }, 'main')
    here.server.github.withoutTimes = true
    await here.time.until(here.time.sleep(600_000))
    const { error } = await dispatched(here, 'GITHUB')
    expect(error).toMatchObject({ why: 'which' })
  })
})

describe('a guess', () => {
  const unnamed = { names: 'no', marked: false } as const

  it('yields to the run that reported itself, with its link and its end', async () => {
    const here = scene({ ...unnamed, createdAfter: (n) => (n === 0 ? 200_000 : 0) })
    // Ours comes late; somebody else starts one at the same moment.
    const { time, server } = here
    server.port.createRun(ID)
    const other = time.sleep(2_000).then(() => server.github.work.start({ by: 'r_other' }, 'main'))
    const reported = time.sleep(220_000).then(() => {
      const [ours] = server.github.work.all
      if (ours)
        Object.assign(server.port.runs.get(ID) ?? {}, {
          externalRunId: server.github.externalRunId(ours),
        })
    })
    const { result, portRun } = await dispatched(here, 'GITHUB')
    await time.until(Promise.all([other, reported]))
    const [ours] = server.github.work.all
    expect(result?.started).toMatchObject({ run: { id: String(ours?.id) } })
    expect(portRun).toMatchObject({
      link: expect.arrayContaining([ours && server.github.url(ours)]),
      status: 'FAILURE',
      statusLabel: `Failed at "job of ${ours?.id}"`,
    })
  })

  it('does not turn a stop into an error', async () => {
    const here = scene(unnamed)
    let stop: Promise<void> | undefined
    here.faults.push((kind) => {
      if (kind !== 'start') return undefined
      stop ??= here.time.sleep(150_000).then(() => {
        const portRun = here.server.port.runs.get(ID)
        if (portRun) portRun.externalRunId = 'gh_11_22_777'
        here.machine.terminate()
      })
      return undefined
    })
    const { result, portRun } = await dispatched(here, 'GITHUB')
    await stop
    expect(result?.outcome?.statusLabel).toBe('No longer tracked')
    expect(portRun).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Still running (no longer tracked)',
    })
    expect(portRun.log.join('\n')).toContain('left running')
  })
})

const CANCELLING = { wait: { timeout: 600_000, onCancel: 'cancel' } } as const

/** Stops the machine when a request of a kind has come. */
function terminatingAt({ machine }: Scene, kind: RequestKind, then = () => {}) {
  return (requested: RequestKind): undefined => {
    if (requested !== kind || machine.signal.aborted) return
    machine.terminate()
    then()
  }
}

describe('a stop', () => {
  it('while the default branch is read starts nothing and is not an unexpected error', async () => {
    const here = scene()
    here.faults.push(failing('repository', 'before', 'hang'))
    const stop = here.time.sleep(1_000).then(() => here.machine.terminate())
    const { error, portRun } = await dispatched(here, 'GITHUB', {
      method: { workflowInputs: { port_run_id: ID } },
    })
    await stop
    expect(error).toMatchObject({ code: 'STOPPED' })
    expect(here.server.github.work.all).toEqual([])
    expect(portRun).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
  })

  it('that cancels the run does not end a Port run that the work itself ends', async () => {
    const here = scene()
    const stop = here.time.sleep(30_000).then(() => here.machine.terminate())
    const { portRun } = await dispatched(here, 'GITHUB', {
      reportEnd: 'leave',
      wait: { timeout: 600_000, onCancel: 'cancel' },
    })
    await stop
    expect(here.server.github.work.all).toMatchObject([{ cancelled: true }])
    expect(portRun).toMatchObject({ status: 'IN_PROGRESS', statusLabel: 'Cancelled' })
  })

  it('while the action is read from Port ends the dispatch, and the Port run', async () => {
    const here = scene()
    const stop = here.time.sleep(1_000).then(() => here.machine.terminate())
    const begin = here.time.now()
    const { error, portRun } = await dispatched(here, 'GITHUB', { action: new Promise(() => {}) })
    await stop
    expect(error).toMatchObject({ code: 'STOPPED' })
    expect(portRun).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
    expect(here.time.now() - begin).toBeLessThan(2_000)
  })

  it.for(['GITHUB', 'GITLAB'] as const)(
    'cancels the run although the first request for it is lost (%s)',
    async (backend) => {
      const here = scene()
      here.faults.push(failing('cancel', 'before', status(502)), terminatingAt(here, 'read'))
      const { portRun } = await dispatched(here, backend, CANCELLING)
      expect(portRun).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
      const [work] = [...here.server.github.work.all, ...here.server.gitlab.work.all]
      expect(work).toMatchObject({ cancelled: true })
    },
  )

  it.for([
    ['cancel', 'read', 'Still running (no longer tracked)'],
    ['start', 'start', 'Unknown whether it started'],
    ['list', 'start', 'Unknown whether it started'],
  ] as const)(
    'while nothing responds to the request (%s) is over within five seconds',
    async ([kind, at, label]) => {
      const here = scene()
      let stopped = 0
      here.faults.push(
        terminatingAt(here, at, () => {
          stopped = here.time.now()
        }),
        failing(kind, 'before', 'hang', 100),
      )
      if (kind === 'list') here.faults.push(failing('start', 'before', 'hang'))
      const { portRun } = await dispatched(here, 'GITHUB', CANCELLING)
      expect(here.time.now() - stopped).toBeLessThan(5_000)
      expect(portRun.statusLabel).toBe(label)
    },
  )

  it('leaves the time that Port still gets to the end of the run', async () => {
    const here = scene()
    here.faults.push(terminatingAt(here, 'port-read'), failing('port-read', 'before', 'hang'))
    const { error, portRun } = await dispatched(here, 'GITHUB')
    expect(error).toMatchObject({ code: 'STOPPED' })
    expect(portRun).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
    expect(here.server.count.get('port-update') ?? 0).toBe(0)
  })

  it('while Port does not respond to the search still ends within seconds', async () => {
    const here = scene({ names: 'no', marked: false })
    here.faults.push(failing('port-read', 'before', 'hang', 100))
    const begin = here.time.now()
    const stop = here.time.sleep(3_000).then(() => here.machine.terminate())
    const { error } = await dispatched(here, 'GITHUB', { earlier: 'none' })
    await stop
    expect(error).toMatchObject({ why: 'stopped' })
    expect(here.time.now() - begin).toBeLessThan(8_000)
  })
})

describe('a Port run that has an external run ID already', () => {
  it('stays open when it cannot be found out whether that is a run of this workflow', async () => {
    const here = scene()
    const earlier = here.server.github.work.start({ port_run_id: ID }, 'main')
    const portRun = here.server.port.createRun(ID)
    portRun.externalRunId = here.server.github.externalRunId(earlier)
    here.faults.push(failing('read', 'before', status(403, 'Forbidden'), 100))
    const { error } = await dispatched(here, 'GITHUB')
    expect(error).toMatchObject({ name: 'SecondRunError' })
    expect(error?.message).toContain('403 Forbidden')
    expect(here.server.github.work.all).toHaveLength(1)
    expect(portRun.status).toBe('IN_PROGRESS')
  })
})

describe('a start', () => {
  it.for(['GITHUB', 'GITLAB'] as const)(
    'that times out at a proxy may have happened (%s)',
    async (backend) => {
      const here = scene()
      here.faults.push(failing('start', 'after', status(408)))
      const { result } = await dispatched(here, backend)
      expect(result?.outcome?.status).toBe('FAILURE')
      expect(here.server.github.work.all.length + here.server.gitlab.work.all.length).toBe(1)
    },
  )

  it.for(['GITHUB', 'GITLAB'] as const)(
    'of which the result is said to be elsewhere may have happened (%s)',
    async (backend) => {
      const here = scene()
      const headers = { location: '/login' }
      here.faults.push(failing('start', 'after', { ...status(303), headers }))
      const { result } = await dispatched(here, backend)
      expect(result?.outcome?.status).toBe('FAILURE')
      expect(here.server.github.work.all.length + here.server.gitlab.work.all.length).toBe(1)
    },
  )

  it.for(['GITHUB', 'GITLAB'] as const)(
    'that is sent elsewhere has not happened (%s)',
    async (backend) => {
      const here = scene()
      const headers = { location: 'https://login.test/' }
      here.faults.push(failing('start', 'before', { ...status(302), headers }))
      const { error, portRun } = await dispatched(here, backend)
      expect(error).toMatchObject({ effect: 'none' })
      expect(portRun).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
      expect(here.server.count.get('list') ?? 0).toBe(0)
    },
  )

  it.for([
    ['GITHUB', { github: { token: 'ghp_x\n' } }, 'github.token: contains a line break'],
    ['GITHUB', { github: { token: () => 'ghp_ü' } }, 'github.token: contains a character'],
    ['GITLAB', { gitlab: { token: 'glpat x' } }, 'gitlab.token: contains a blank'],
    [
      'GITLAB',
      { gitlab: { triggerToken: 'a\r\nb' } },
      'gitlab.triggerToken: contains a line break',
    ],
  ] as const)(
    'is not sent with a token that a header cannot carry (%s)',
    async ([backend, connections, said]) => {
      const here = scene()
      const { origin } = here.server
      const [[name, connection] = []] = Object.entries(connections)
      const { error } = await dispatched(here, backend, {
        wait: undefined,
        connections: { [`${name}`]: { ...connection, apiUrl: origin, url: origin } },
      })
      expect(error).toMatchObject({ code: 'INPUT' })
      expect(error?.message).toContain(said)
      expect(error?.message).not.toContain('ghp_')
      expect(here.server.count.get('start')).toBeUndefined()
    },
  )

  it('whose token cannot be had was not sent, and is not looked for', async () => {
    const here = scene()
    const token = () => Promise.reject(new Error('vault says ghp_secret'))
    const { error, portRun } = await dispatched(here, 'GITHUB', {
      connections: { github: { token, apiUrl: here.server.origin } },
    })
    expect(error).toMatchObject({ code: 'BACKEND', effect: 'none' })
    expect(error?.message).not.toContain('ghp_secret')
    expect(here.server.count.get('list')).toBeUndefined()
    expect(portRun.statusLabel).toBe('Not started')
  })
})

describe('a credential that expires while a run is followed', () => {
  it.for([
    ['GITHUB', 'github.appId'],
    ['GITLAB', 'Use one that lasts longer'],
  ] as const)('is named with what helps (%s)', async ([backend, advice]) => {
    const here = scene()
    const { time, faults } = here
    const expiry = time.sleep(60_000).then(() => {
      faults.push(failing('read', 'before', status(401, 'Bad credentials'), 1_000))
    })
    const { result, portRun } = await dispatched(here, backend)
    await expiry
    expect(result?.lost?.message).toContain(advice)
    expect(portRun).toMatchObject({ status: 'FAILURE', statusLabel: 'Status unavailable' })
    // One outage is one warning, however often it is met.
    expect(here.machine.said.filter((text) => text.includes('401'))).toHaveLength(1)
  })
})
