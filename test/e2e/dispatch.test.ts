import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { runCommand } from '../support/run-command.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

function dispatch(sandbox: Sandbox, example: string, context: string, ...flags: string[]) {
  const folder = `examples/${example}`
  return runCommand(
    [
      'dispatch',
      '--action',
      `${folder}/action.json`,
      '--context',
      `${folder}/${context}`,
      ...flags,
    ],
    { env: sandbox.environment },
  )
}

/** The requests to one service, as `method path` and body. */
function requests(sandbox: Sandbox, path: RegExp) {
  return sandbox.exchanges
    .filter((exchange) => path.test(exchange.path) && exchange.method !== 'GET')
    .map(({ method, path: where, requestBody }) => ({
      call: `${method} ${where}`,
      body: requestBody,
    }))
}

describe.concurrent('an action that runs a GitHub workflow', () => {
  it('is dispatched with its rendered inputs, followed and reported when it succeeds', async ({
    sandbox,
  }) => {
    const { code, stdout } = await dispatch(
      sandbox,
      'deploy-service',
      'context.json',
      '--wait',
      '--json',
    )

    const [run] = sandbox.githubRuns('acme/services')
    const url = `${sandbox.url}/acme/services/actions/runs/${run?.id}`
    expect(JSON.parse(stdout)).toEqual({
      backend: 'GITHUB',
      target: 'acme/services/deploy.yml',
      ref: 'release',
      id: run?.id,
      externalRunId: `gh_90211_710045_${run?.id}`,
      url,
      status: 'SUCCESS',
      conclusion: 'success',
      runId: 'r_DeployService001',
    })
    expect(code).toBe(0)
    expect(requests(sandbox, /^\/api\/v3\//)).toEqual([
      {
        call: 'POST /api/v3/repos/acme/services/actions/workflows/deploy.yml/dispatches',
        body: {
          ref: 'release',
          inputs: {
            service: 'checkout',
            environment: 'staging',
            version: '1.4.0',
            dry_run: 'false',
            port_run_id: 'r_DeployService001',
          },
          return_run_details: true,
        },
      },
    ])
    const runPath = '/v1/actions/runs/r_DeployService001'
    expect(requests(sandbox, /^\/v1\/actions\//)).toEqual([
      { call: `PATCH ${runPath}`, body: { statusLabel: 'Starting on GitHub' } },
      {
        call: `PATCH ${runPath}`,
        body: { link: url, externalRunId: `gh_90211_710045_${run?.id}`, statusLabel: 'Running' },
      },
      {
        call: `POST ${runPath}/logs`,
        body: {
          message: `acme/services/deploy.yml ended: success. ${url}`,
          terminationStatus: 'SUCCESS',
          statusLabel: 'Success',
        },
      },
    ])
    expect(requests(sandbox, /access_token/)).toHaveLength(1)
  })

  it('reports the step that failed', async ({ sandbox }) => {
    const { code, stdout } = await dispatch(
      sandbox,
      'deploy-service',
      'context-failing.json',
      '--wait',
      '--json',
    )

    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      ref: 'main',
      status: 'FAILURE',
      conclusion: 'failure',
    })
    expect(sandbox.portRun('r_DeployService002')).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed at "Terraform apply"',
      logs: [
        { message: expect.stringContaining('Deploy to broken, step "Terraform apply": http') },
      ],
    })
  })

  it('is left to report its own end when reportWorkflowStatus is false', async ({ sandbox }) => {
    const { code } = await runCommand(
      ['dispatch', '--action', '-', '--context', 'examples/deploy-service/context.json', '--wait'],
      {
        env: sandbox.environment,
        input: JSON.stringify({
          type: 'GITHUB',
          org: 'acme',
          repo: 'services',
          workflow: 'deploy.yml',
          reportWorkflowStatus: '{{ .inputs.environment != "staging" }}',
          workflowInputs: { service: 'checkout', environment: 'staging' },
        }),
      },
    )
    expect(code).toBe(0)
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Running',
    })
  })

  it('is not waited for unless asked', async ({ sandbox }) => {
    const { code, stdout } = await dispatch(sandbox, 'deploy-service', 'context.json', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'IN_PROGRESS', conclusion: null })
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({ status: 'IN_PROGRESS' })
  })

  it('is reported to nobody with --no-report', async ({ sandbox }) => {
    const { code } = await dispatch(
      sandbox,
      'deploy-service',
      'context.json',
      '--wait',
      '--no-report',
    )
    expect(code).toBe(0)
    expect(requests(sandbox, /^\/v1\//)).toEqual([])
  })

  it('is only checked with --dry-run', async ({ sandbox }) => {
    const { code, stdout } = await dispatch(sandbox, 'deploy-service', 'context.json', '--dry-run')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      backend: 'GITHUB',
      target: 'acme/services/deploy.yml',
      ref: 'release',
      inputs: { version: '1.4.0' },
    })
    expect(requests(sandbox, /./)).toEqual([])
  })
})

describe.concurrent('an action that runs a GitLab pipeline', () => {
  it('is dispatched with its rendered variables, followed and reported when it succeeds', async ({
    sandbox,
  }) => {
    const { code, stdout } = await dispatch(
      sandbox,
      'provision-database',
      'context.json',
      '--wait',
      '--json',
    )

    const [pipeline] = sandbox.gitlabPipelines('acme/platform/provisioning')
    expect(JSON.parse(stdout)).toEqual({
      backend: 'GITLAB',
      target: 'acme/platform/provisioning',
      ref: 'main',
      id: pipeline?.id,
      externalRunId: `gl_4471_${pipeline?.id}`,
      url: pipeline?.url,
      status: 'SUCCESS',
      conclusion: 'success',
      runId: 'r_ProvisionDb00001',
    })
    expect(code).toBe(0)
    expect(requests(sandbox, /^\/api\/v4\//)).toEqual([
      {
        call: 'POST /api/v4/projects/acme%2Fplatform%2Fprovisioning/trigger/pipeline',
        body: {
          token: sandbox.environment.GITLAB_TRIGGER_TOKEN,
          ref: 'main',
          variables: {
            NAME: 'orders',
            ENVIRONMENT: 'staging',
            SIZE_GB: '20',
            TAGS: '{"cost":"cc-12"}',
            PORT_RUN_ID: 'r_ProvisionDb00001',
          },
        },
      },
    ])
    expect(sandbox.portRun('r_ProvisionDb00001')).toMatchObject({
      status: 'SUCCESS',
      link: pipeline?.url,
      externalRunId: `gl_4471_${pipeline?.id}`,
    })
  })

  it('reports the job that failed', async ({ sandbox }) => {
    const { code, stdout } = await dispatch(
      sandbox,
      'provision-database',
      'context-failing.json',
      '--wait',
      '--json',
    )
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'FAILURE', conclusion: 'failed' })
    expect(sandbox.portRun('r_ProvisionDb00002')).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed at "apply"',
    })
  })

  it('needs only an access token', async ({ sandbox }) => {
    const env = { ...sandbox.environment, GITLAB_TRIGGER_TOKEN: undefined }
    const folder = 'examples/provision-database'
    const { code } = await runCommand(
      [
        'dispatch',
        '--action',
        `${folder}/action.json`,
        '--context',
        `${folder}/context.json`,
        '--wait',
      ],
      { env },
    )
    expect(code).toBe(0)
    expect(requests(sandbox, /^\/api\/v4\//)).toMatchObject([
      { call: 'POST /api/v4/projects/acme%2Fplatform%2Fprovisioning/pipeline' },
    ])
  })

  it("reads the trigger token where Port's agent does", async ({ sandbox }) => {
    const { GITLAB_TRIGGER_TOKEN, GITLAB_TOKEN: _, ...rest } = sandbox.environment
    const folder = 'examples/provision-database'
    const { code } = await runCommand(
      ['dispatch', '--action', `${folder}/action.json`, '--context', `${folder}/context.json`],
      { env: { ...rest, acme_platform_provisioning: GITLAB_TRIGGER_TOKEN } },
    )
    expect(code).toBe(0)
    expect(sandbox.portRun('r_ProvisionDb00001')).toMatchObject({
      externalRunId: expect.stringMatching(/^gl_4471_/),
    })
  })

  it('runs on the ref that a person chose', async ({ sandbox }) => {
    const { code } = await runCommand(
      ['dispatch', '--action', 'examples/provision-database/action.json', '--context', '-'],
      {
        env: sandbox.environment,
        input: JSON.stringify({
          inputs: { name: 'a&b=c', environment: 'staging', ref: 'next' },
          run: { id: 'r_ProvisionDb00001' },
        }),
      },
    )
    expect(code).toBe(0)
    expect(sandbox.gitlabPipelines('acme/platform/provisioning')).toMatchObject([
      { ref: 'next', variables: { NAME: 'a&b=c' } },
    ])
  })
})
