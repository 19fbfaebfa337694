import { readFileSync } from 'node:fs'
import { skeletonFor } from '@port-dispatch/core/init'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { writeYaml } from '../../packages/cli/src/init/write-yaml.ts'
import { findTool } from '../support/find-tool.ts'
import { portCalls } from '../support/port-calls.ts'
import { ActionStep } from '../support/run-action.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'
import { runWorkflow } from './run-workflow.ts'

const act = findTool('act', 'go install github.com/nektos/act@v0.2.87') ?? ''
const PAGE = 'https://github.com/acme/services/actions/runs/1'

function dispatched(inputs: Record<string, string>) {
  return { name: 'workflow_dispatch', payload: { inputs } }
}

function deploy(sandbox: Sandbox, workflow: string, environment: string) {
  const { id } = sandbox.createPortRun('deploy_service')
  const event = dispatched({ service: 'checkout', environment, port_run_id: id })
  return { id, done: runWorkflow(act, sandbox, workflow, event) }
}

describe.skipIf(act === '').concurrent('the workflows in examples/, run with act', () => {
  it('deploy.yml succeeds', async ({ sandbox }) => {
    const { id, done } = deploy(sandbox, 'deploy.yml', 'staging')
    const { code, stdout } = await done
    expect(code, stdout).toBe(0)
    expect(portCalls(sandbox)).toEqual([
      { call: 'POST /v1/auth/access_token' },
      { call: `PATCH /v1/actions/runs/${id}`, body: { statusLabel: 'Running' } },
      {
        call: `PATCH /v1/actions/runs/${id}`,
        body: { link: PAGE, externalRunId: 'gh_90211_710045_1' },
      },
      { call: 'POST /v1/auth/access_token' },
      {
        call: `POST /v1/actions/runs/${id}/logs`,
        body: {
          message: `Deploy ended: success. ${PAGE}`,
          terminationStatus: 'SUCCESS',
          statusLabel: 'Success',
        },
      },
    ])
  })

  it('deploy.yml fails in a step', async ({ sandbox }) => {
    const { id, done } = deploy(sandbox, 'deploy.yml', 'broken')
    expect((await done).code).toBe(1)
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE', statusLabel: 'Failed' })
  })

  it('a workflow that init makes reports', async ({ sandbox }) => {
    const action = JSON.parse(readFileSync('examples/deploy-service/action.json', 'utf8'))
    action.invocationMethod.reportWorkflowStatus = false
    const made = writeYaml(await skeletonFor(action, 'The action', { version: '0.1.0' }))
    // Without network access there is nothing to check out from, and Port is the sandbox.
    const text = made
      .replace(/^ *- uses: actions\/checkout.*\n/m, '')
      .replace(/^( *)clientSecret: .*$/m, `$&\n$1baseUrl: \${{ vars.PORT_BASE_URL }}`)
    const { id } = sandbox.createPortRun('deploy_service')
    const event = dispatched({ service: 'checkout', environment: 'staging', port_run_id: id })
    const { code, stdout } = await runWorkflow(act, sandbox, 'deploy.yml', event, text)
    expect(code, stdout).toBe(0)
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS', link: PAGE })
  })

  it('deploy-in-jobs.yml succeeds', async ({ sandbox }) => {
    const { id, done } = deploy(sandbox, 'deploy-in-jobs.yml', 'staging')
    const { code, stdout } = await done
    expect(code, stdout).toBe(0)
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'SUCCESS',
      statusLabel: 'Success',
      link: PAGE,
    })
    expect(portCalls(sandbox)).toContainEqual({
      call: `PATCH /v1/actions/runs/${id}`,
      body: expect.objectContaining({ statusLabel: 'Building' }),
    })
  })

  it('deploy-in-jobs.yml fails in a job', async ({ sandbox }) => {
    const { id, done } = deploy(sandbox, 'deploy-in-jobs.yml', 'broken')
    expect((await done).code).toBe(1)
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed at "deploy"',
      logs: [{ message: expect.stringContaining('  build: success\n  deploy: failure') }],
    })
  })

  it('provision-on-gitlab.yml has GitLab do the work, and waits', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('provision_database')
    const event = dispatched({
      name: 'ORDERS',
      environment: 'staging',
      port_context: JSON.stringify({ runId: id }),
    })
    const { code, stdout, log } = await runWorkflow(act, sandbox, 'provision-on-gitlab.yml', event)
    expect(code, stdout).toBe(0)
    const [pipeline] = sandbox.gitlabPipelines('acme/platform/provisioning')
    expect(pipeline).toMatchObject({
      status: 'success',
      variables: { NAME: 'orders', ENVIRONMENT: 'staging' },
    })
    expect(log).toContain(`The pipeline ${pipeline?.url} ended with success`)
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'SUCCESS',
      link: [PAGE, pipeline?.url],
      externalRunId: 'gh_90211_710045_1',
    })
  })

  it('report-other-workflow.yml reports a workflow that was cancelled', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const externalRunId = 'gh_90211_710045_4711'
    const patch = { operation: 'PATCH_RUN', runId: id, externalRunId }
    await new ActionStep({ sandbox, inputs: patch }).main()
    const workflowRun = {
      id: 4711,
      name: 'Deploy',
      status: 'completed',
      conclusion: 'cancelled',
      html_url: 'https://github.com/acme/services/actions/runs/4711',
      repository: { id: 710_045, owner: { id: 90_211 } },
    }
    const event = { name: 'workflow_run', payload: { workflow_run: workflowRun } }
    const { code, stdout } = await runWorkflow(act, sandbox, 'report-other-workflow.yml', event)
    expect(code, stdout).toBe(0)
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
  })

  it('run-action.yml starts a run in Port and waits for it', async ({ sandbox }) => {
    const done = runWorkflow(act, sandbox, 'run-action.yml', dispatched({}))
    const id = await createdRun(sandbox)
    const patch = { operation: 'PATCH_RUN', runId: id, status: 'SUCCESS' }
    await new ActionStep({ sandbox, inputs: patch }).main()
    const { code, stdout, log } = await done
    expect(code, stdout).toBe(0)
    expect(log).toContain(`Run ${id} of deploy_service ended with SUCCESS`)
  })

  it('check-action.yml renders the action of the repository', async ({ sandbox }) => {
    const { code, stdout, log } = await runWorkflow(
      act,
      sandbox,
      'check-action.yml',
      dispatched({}),
    )
    expect(code, stdout).toBe(0)
    expect(log).toContain('"service":"checkout"')
  })
})

async function createdRun(sandbox: Sandbox): Promise<string> {
  for (;;) {
    const created = sandbox.exchanges.find(({ path }) => path.endsWith('deploy_service/runs'))
    if (created) return (created.responseBody as { run: { id: string } }).run.id
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
