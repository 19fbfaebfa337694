import { silentLogger, systemClock } from '@port-dispatch/core'
import { Http } from '@port-dispatch/core/http'
import { PortClient, RunReporter } from '@port-dispatch/core/port'
import { createBackend, dispatch } from '@port-dispatch/dispatcher'
import { defaultDefinition, type GitHubDefinition, type Sandbox } from '@port-dispatch/sandbox'
import { describe, expect, it, type TestContext } from 'vitest'
import { startCheckedSandbox } from '../../../test/contracts/checked-sandbox.ts'
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

function portClient({ environment: env }: Sandbox): PortClient {
  const { PORT_BASE_URL = '', PORT_CLIENT_ID = '', PORT_CLIENT_SECRET = '' } = env
  return new PortClient({
    baseUrl: PORT_BASE_URL,
    clientId: PORT_CLIENT_ID,
    clientSecret: PORT_CLIENT_SECRET,
  })
}

async function dispatchFor(sandbox: Sandbox, runId: string, port = portClient(sandbox)) {
  const workflowInputs = {
    service: 'checkout',
    environment: 'staging',
    ref: 'main',
    port_run_id: runId,
  }
  const backend = await createBackend(
    {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'deploy.yml',
      reportWorkflowStatus: true,
      workflowInputs,
    },
    { http: new Http(), env: sandbox.environment },
  )
  return await dispatch({
    backend,
    plan: await backend.plan(),
    reporter: new RunReporter(port, runId),
    reportEnd: 'report',
    clock: systemClock,
    logger: silentLogger,
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

describe.concurrent('a server that does not name the run of a dispatch', () => {
  it.for([
    ['ignores the request for it', { runDetails: 'unsupported' }],
    ['refuses the request for it', { runDetails: 'refused' }],
    ['shows new runs late', { runDetails: 'unsupported', listDelay: 5 }],
  ] as const)('and %s is asked for the run', async ([, github], context) => {
    const sandbox = await start(context, github)
    const { id } = sandbox.createPortRun('deploy_service')
    const { run } = await dispatchFor(sandbox, id)
    expect(sandbox.githubRuns('acme/services')).toMatchObject([{ id: run.id }])
    expect(sandbox.portRun(id)).toMatchObject({
      externalRunId: `gh_90211_710045_${run.id}`,
      link: run.url,
    })
  })

  it('gives each of many dispatches at one moment its own run', async (context) => {
    const sandbox = await start(context, { runDetails: 'unsupported' })
    const port = portClient(sandbox)
    const ids = Array.from({ length: 20 }, () => sandbox.createPortRun('deploy_service').id)
    await Promise.all(ids.map((id) => dispatchFor(sandbox, id, port)))
    expect(sandbox.githubRuns('acme/services')).toHaveLength(20)
    for (const { told, is } of pairs(sandbox, ids)) expect(told).toBe(is)
  })

  it('gives dispatches of different processes different runs', async (context) => {
    const sandbox = await start(context, { runDetails: 'unsupported' })
    const ids = Array.from({ length: 4 }, () => sandbox.createPortRun('deploy_service').id)
    const method = {
      type: 'GITHUB',
      org: 'acme',
      repo: 'services',
      workflow: 'scaffold-service.yml',
      workflowInputs: { service_name: 'checkout', language: 'go' },
    }
    await Promise.all(
      ids.map((id) =>
        runCommand(['dispatch', '--action', JSON.stringify(method), '--context', '-'], {
          env: sandbox.environment,
          input: JSON.stringify({ run: { id } }),
        }),
      ),
    )
    const links = ids.map((id) => sandbox.portRun(id)?.link)
    expect(new Set(links).size).toBe(4)
    expect(sandbox.githubRuns('acme/services')).toHaveLength(4)
  })

  it('is told which run by its name, where the workflow puts the Port run id there', async (context) => {
    const [repository] = defaultDefinition.github.repositories
    const deploy = repository?.workflows['deploy.yml']
    if (!repository || !deploy) throw new Error('The default definition has no deploy.yml')
    const content = deploy.content.replace(
      /^run-name: .*$/m,
      `run-name: Deploy for $\{{ inputs.port_run_id }}`,
    )
    const sandbox = await start(context, {
      runDetails: 'unsupported',
      repositories: [{ ...repository, workflows: { 'deploy.yml': { ...deploy, content } } }],
    })
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

describe.concurrent('a start whose answer is lost', () => {
  it('does not take a run that another dispatch of the same moment made', async (context) => {
    const sandbox = await start(context)
    const port = portClient(sandbox)
    const ids = Array.from({ length: 8 }, () => sandbox.createPortRun('deploy_service').id)
    const [unlucky = ''] = ids
    const real = globalThis.fetch
    let isLost = false
    const lossy: typeof fetch = async (input, init) => {
      const response = await real(input, init)
      const isStart = String(input).startsWith(sandbox.url) && String(input).endsWith('/dispatches')
      if (!isStart || isLost || !String(init?.body).includes(unlucky)) return response
      isLost = true
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      })
    }
    globalThis.fetch = lossy
    context.onTestFinished(() => {
      globalThis.fetch = real
    })
    await Promise.all(ids.map((id) => dispatchFor(sandbox, id, port)))
    expect(isLost).toBe(true)
    expect(sandbox.githubRuns('acme/services')).toHaveLength(8)
    for (const { told, is } of pairs(sandbox, ids)) expect(told).toBe(is)
  })
})
