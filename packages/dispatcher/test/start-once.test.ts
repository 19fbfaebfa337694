import { PortClient } from '@port-dispatch/core/port'
import { defaultDefinition, type GitHubDefinition, type Sandbox } from '@port-dispatch/sandbox'
import { describe, expect, it, type TestContext } from 'vitest'
import { startCheckedSandbox } from '../../../test/contracts/checked-sandbox.ts'
import { type DispatchOn, dispatchOn, runOf } from '../../../test/support/dispatch-on.ts'
import { InstantClock } from '../../../test/support/instant-clock.ts'
import { runCommand } from '../../../test/support/run-command.ts'

async function start(
  { onTestFinished }: TestContext,
  github: Partial<GitHubDefinition> = {},
): Promise<Sandbox> {
  const definition = { ...defaultDefinition, github: { ...defaultDefinition.github, ...github } }
  const sandbox = await startCheckedSandbox({ definition, speed: 10 })
  onTestFinished(() => sandbox.close())
  return sandbox
}

async function dispatchFor(sandbox: Sandbox, runId: string, options: Partial<DispatchOn> = {}) {
  return await dispatchOn(sandbox, {
    action: {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'deploy.yml',
      workflowInputs: {
        service: 'checkout',
        environment: 'staging',
        ref: 'main',
        port_run_id: runId,
      },
    },
    runId,
    ...options,
  })
}

/** Which workflow run each Port run was told to be, and which it should be by the inputs it was sent. */
function pairs(sandbox: Sandbox, runIds: readonly string[]) {
  const runs = sandbox.githubRuns('acme/services')
  return runIds.map((id) => ({
    told: sandbox.portRun(id)?.link,
    is: runs.find(({ inputs }) => inputs.port_run_id === id)?.url,
  }))
}

/** A workflow whose runs do not carry the Port run id. */
function unmarked(): Partial<GitHubDefinition> {
  const [repository] = defaultDefinition.github.repositories
  const deploy = repository?.workflows['deploy.yml']
  if (!repository || !deploy) throw new Error('The default definition has no deploy.yml')
  const content = deploy.content.replace(/^run-name: .*$/m, 'run-name: Deploy')
  return { repositories: [{ ...repository, workflows: { 'deploy.yml': { ...deploy, content } } }] }
}

/** On a clock on which waiting takes no time. */
async function later(context: TestContext, github: Partial<GitHubDefinition>) {
  const clock = new InstantClock()
  const definition = { ...defaultDefinition, github: { ...defaultDefinition.github, ...github } }
  const sandbox = await startCheckedSandbox({ definition, now: () => clock.now() })
  context.onTestFinished(() => sandbox.close())
  return { sandbox, clock }
}

describe.concurrent('a server that does not name the run of a dispatch', () => {
  it.for([
    ['ignores the request for it', { runDetails: 'unsupported' }],
    ['refuses the request for it', { runDetails: 'refused' }],
    ['shows new runs after 45 seconds', { runDetails: 'unsupported', listDelay: 45 }],
  ] as const)(
    'and %s: the run is the one that carries the Port run id',
    async ([, github], context) => {
      const { sandbox, clock } = await later(context, github)
      const { id } = sandbox.createPortRun('deploy_service')
      const run = runOf(await dispatchFor(sandbox, id, { clock }))
      expect(sandbox.githubRuns('acme/services')).toMatchObject([{ id: Number(run.id) }])
      expect(sandbox.portRun(id)).toMatchObject({
        externalRunId: `gh_90211_710045_${run.id}`,
        link: run.url,
      })
    },
  )

  it('gives dispatches of different processes their own runs', async (context) => {
    const sandbox = await start(context, { runDetails: 'unsupported' })
    const ids = Array.from({ length: 3 }, () => sandbox.createPortRun('deploy_service').id)
    const files = ['--action', 'examples/deploy-service/action.json', '--context', '-']
    await Promise.all(
      ids.map((id) =>
        runCommand(['dispatch', ...files], {
          env: sandbox.environment,
          input: JSON.stringify({
            inputs: { environment: 'staging' },
            entity: { identifier: 'checkout' },
            run: { id },
          }),
        }),
      ),
    )
    for (const { told, is } of pairs(sandbox, ids)) expect(told).toBe(is)
  })
})

describe.concurrent('where runs do not carry the Port run id and are not named', () => {
  const github = { ...unmarked(), runDetails: 'unsupported', listDelay: 60 } as const

  it('the only run of that moment is taken, as a guess that is announced', async (context) => {
    const { sandbox, clock } = await later(context, github)
    const { id } = sandbox.createPortRun('deploy_service')
    const said: string[] = []
    const begin = clock.now()
    const result = await dispatchFor(sandbox, id, {
      clock,
      logger: { info: () => {}, notice: () => {}, warning: (text) => said.push(text) },
    })
    expect(result.started).toMatchObject({ type: 'run', guess: true })
    expect(said.join('\n')).toContain('put the Port run ID into the run-name of the workflow')
    // A guess waits until every run of that moment is in the list, and leaves room for the true id.
    expect(clock.now() - begin).toBeGreaterThanOrEqual(90_000)
    expect(sandbox.portRun(id)?.externalRunId).toBeUndefined()
    expect(sandbox.portRun(id)?.link).toBe(sandbox.githubRuns('acme/services')[0]?.url)
  })

  it('two runs of that moment are never told apart', async (context) => {
    const { sandbox, clock } = await later(context, github)
    const ids = [1, 2].map(() => sandbox.createPortRun('deploy_service').id)
    const results = await Promise.allSettled(
      ids.map((id) => dispatchFor(sandbox, id, { clock: new InstantClock(clock.now()) })),
    )
    expect(sandbox.githubRuns('acme/services')).toHaveLength(2)
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'UnsettledError' } })
    }
    for (const id of ids) expect(sandbox.portRun(id)?.link).toBeUndefined()
  })

  it('a run with the id of another Port run is never taken', async (context) => {
    const { sandbox, clock } = await later(context, { runDetails: 'unsupported' })
    const { id } = sandbox.createPortRun('deploy_service')
    const failure = await dispatchOn(sandbox, {
      action: {
        type: 'GITHUB',
        org: 'acme',
        repo: 'services',
        workflow: 'deploy.yml',
        workflowInputs: {
          service: 'checkout',
          environment: 'staging',
          port_run_id: 'r_anotherPortRun',
        },
      },
      runId: id,
      clock,
    }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'UnsettledError', why: 'not-shown' })
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Started, run unknown',
    })
  })

  it('the run that the work itself reported to Port is taken', async (context) => {
    const { sandbox, clock } = await later(context, github)
    const { id } = sandbox.createPortRun('deploy_service')
    const dispatching = dispatchFor(sandbox, id, { clock })
    await expect.poll(() => sandbox.githubRuns('acme/services').length).toBe(1)
    const [{ id: workflowRun } = { id: 0 }] = sandbox.githubRuns('acme/services')
    await reportAs(sandbox, id, `gh_90211_710045_${workflowRun}`)
    const result = await dispatching
    expect(runOf(result).id).toBe(String(workflowRun))
    expect(result.started).not.toHaveProperty('guess')
  })
})

/** What a REPORT step in the workflow does. */
async function reportAs({ environment: env }: Sandbox, runId: string, externalRunId: string) {
  const port = new PortClient({
    baseUrl: env.PORT_BASE_URL ?? '',
    clientId: env.PORT_CLIENT_ID ?? '',
    clientSecret: env.PORT_CLIENT_SECRET ?? '',
  })
  await port.runs.update(runId, { externalRunId })
}

describe.concurrent('a start whose response is lost', () => {
  it('does not take a run that another dispatch of the same moment made', async (context) => {
    const sandbox = await start(context)
    const ids = Array.from({ length: 8 }, () => sandbox.createPortRun('deploy_service').id)
    const [unlucky = ''] = ids
    let isLost = false
    const fetch = async (url: string, init: RequestInit) => {
      const response = await globalThis.fetch(url, init)
      const isStart = url.endsWith('/dispatches') && String(init.body).includes(unlucky)
      if (!isStart || isLost) return response
      isLost = true
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      })
    }
    await Promise.all(ids.map((id) => dispatchFor(sandbox, id, { fetch })))
    expect(isLost).toBe(true)
    expect(sandbox.githubRuns('acme/services')).toHaveLength(8)
    for (const { told, is } of pairs(sandbox, ids)) expect(told).toBe(is)
  })

  it('is never sent again, whatever the lists show', async (context) => {
    const { sandbox, clock } = await later(context, unmarked())
    const ids = [1, 2].map(() => sandbox.createPortRun('deploy_service').id)
    const [lost = ''] = ids
    let posts = 0
    const fetch = async (url: string, init: RequestInit) => {
      if (!url.endsWith('/dispatches')) return await globalThis.fetch(url, init)
      posts++
      if (!String(init.body).includes(lost)) await globalThis.fetch(url, init)
      return new Response('', { status: 502 })
    }
    const results = await Promise.allSettled(
      ids.map((id) => dispatchFor(sandbox, id, { clock: new InstantClock(clock.now()), fetch })),
    )
    expect(posts).toBe(2)
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { why: 'lost' } })
    }
    for (const id of ids) {
      expect(sandbox.portRun(id)).toMatchObject({
        status: 'FAILURE',
        statusLabel: 'Unknown whether it started',
      })
    }
  })

  it('leaves the Port run open where something else will end it', async (context) => {
    const { sandbox, clock } = await later(context, unmarked())
    const { id } = sandbox.createPortRun('deploy_service')
    const fetch = async (url: string, init: RequestInit) =>
      url.endsWith('/dispatches')
        ? new Response('', { status: 502 })
        : await globalThis.fetch(url, init)
    await expect(
      dispatchFor(sandbox, id, { clock, fetch, reportEnd: 'leave' }),
    ).rejects.toMatchObject({ why: 'lost' })
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Unknown whether it started',
    })
  })
})

describe.concurrent('a Port run that is not open', () => {
  it.for(['WAITING_FOR_APPROVAL', 'DECLINED', 'A_STATUS_OF_TOMORROW'] as const)(
    'because of %s starts nothing',
    async (status, context) => {
      const { sandbox, clock } = await later(context, {})
      const { id } = sandbox.createPortRun('deploy_service')
      const fetch = async (url: string, init: RequestInit) => {
        const response = await globalThis.fetch(url, init)
        if (init.method !== 'PATCH') return response
        const body = (await response.json()) as { run: object }
        return Response.json({ ...body, run: { ...body.run, status } })
      }
      await expect(dispatchFor(sandbox, id, { clock, fetch })).rejects.toMatchObject({
        code: 'PORT',
      })
      expect(sandbox.githubRuns('acme/services')).toEqual([])
    },
  )

  it('because it already has a run of this workflow starts nothing, unless asked to', async (context) => {
    const { sandbox, clock } = await later(context, {})
    const { id } = sandbox.createPortRun('deploy_service')
    await dispatchFor(sandbox, id, { clock })
    await expect(dispatchFor(sandbox, id, { clock })).rejects.toMatchObject({
      name: 'SecondRunError',
    })
    expect(sandbox.githubRuns('acme/services')).toHaveLength(1)
    await dispatchFor(sandbox, id, { clock, again: true })
    expect(sandbox.githubRuns('acme/services')).toHaveLength(2)
  })
})
