import { resolve } from 'node:path'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../../examples')

const DEPLOY = `type: GITHUB
org: acme
repo: services
workflow: deploy.yml
workflowInputs:
  service: "{{ .inputs.service }}"
  environment: '{{ .inputs.environment | ascii_downcase }}'
  version: "{{ .secrets.version // \\"latest\\" }}"
`

function example(sandbox: Sandbox, name: string, context: string, inputs = {}) {
  return new ActionStep({
    sandbox,
    inputs: {
      operation: 'DISPATCH',
      invocationMethod: `${EXAMPLES}/${name}/action.json`,
      context: `${EXAMPLES}/${name}/${context}`,
      wait: 'true',
      ...inputs,
    },
  })
}

describe.concurrent('DISPATCH', () => {
  it('runs a GitHub workflow to its end and reports it', async ({ sandbox }) => {
    const main = await example(sandbox, 'deploy-service', 'context.json').main()
    const [run] = sandbox.githubRuns('acme/services')
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(main.outputs).toMatchObject({
      runId: 'r_DeployService001',
      externalRunId: `gh_90211_710045_${run?.id}`,
      id: String(run?.id),
      url: run?.url,
      status: 'SUCCESS',
      statusLabel: 'Success',
      conclusion: 'success',
    })
    expect(JSON.parse(main.outputs.payload ?? '')).toMatchObject({
      type: 'GITHUB',
      workflowInputs: { service: 'checkout', version: '1.4.0' },
    })
    expect(main.summary).toContain('acme/services/deploy.yml on release')
    expect(main.summary).toContain('<td>version</td><td><code>1.4.0</code></td>')
    expect(main.summary).toContain(`href="${run?.url}"`)
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({
      status: 'SUCCESS',
      link: run?.url,
    })
  })

  it('fails with the workflow, and names the step', async ({ sandbox }) => {
    const main = await example(sandbox, 'deploy-service', 'context-failing.json').main()
    expect(main).toMatchObject({
      code: 1,
      annotations: [
        expect.stringMatching(
          /^error: acme\/services\/deploy\.yml ended: Failed at "Terraform apply"\. http/,
        ),
      ],
      outputs: { status: 'FAILURE', conclusion: 'failure' },
    })
  })

  it('stays green if the failure is not to be propagated', async ({ sandbox }) => {
    const inputs = { propagateFailure: 'false' }
    const main = await example(sandbox, 'deploy-service', 'context-failing.json', inputs).main()
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { status: 'FAILURE' } })
  })

  it('runs a GitLab pipeline', async ({ sandbox }) => {
    const main = await example(sandbox, 'provision-database', 'context.json', {
      gitlabUrl: sandbox.url,
      gitlabToken: sandbox.environment.GITLAB_TOKEN,
      gitlabTriggerToken: sandbox.environment.GITLAB_TRIGGER_TOKEN,
    }).main()
    const [pipeline] = sandbox.gitlabPipelines('acme/platform/provisioning')
    expect(main).toMatchObject({
      code: 0,
      annotations: [],
      outputs: { url: pipeline?.url, status: 'SUCCESS', conclusion: 'success' },
    })
    expect(sandbox.portRun('r_ProvisionDb00001')).toMatchObject({ status: 'SUCCESS' })
  })

  it('takes the action from Port, and the context from the event', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const context = { run: { id }, entity: { identifier: 'checkout' } }
    const main = await new ActionStep({
      sandbox,
      inputs: { operation: 'DISPATCH', invocationMethod: 'deploy_service' },
      event: {
        name: 'workflow_dispatch',
        payload: {
          inputs: { environment: 'staging', port_context: JSON.stringify(context) },
        },
      },
    }).main()
    expect(main.annotations.filter((text) => text.startsWith('error'))).toEqual([])
    expect(main).toMatchObject({ code: 0, outputs: { runId: id, status: 'IN_PROGRESS' } })
    expect(sandbox.githubRuns('acme/services')).toHaveLength(1)
  })

  it('leaves the end of the Port run to the job with reportWorkflowStatus: false', async ({
    sandbox,
  }) => {
    const inputs = { reportWorkflowStatus: 'false' }
    const main = await example(sandbox, 'deploy-service', 'context.json', inputs).main()
    expect(main).toMatchObject({ code: 0, outputs: { status: 'SUCCESS' } })
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({ status: 'IN_PROGRESS' })
  })

  it('needs no Port', async ({ sandbox }) => {
    const main = await new ActionStep({
      sandbox,
      inputs: {
        operation: 'DISPATCH',
        invocationMethod: DEPLOY,
        context: '{"inputs": {"service": "checkout", "environment": "STAGING"}}',
        clientId: '',
        clientSecret: '',
      },
    }).main()
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(portCalls(sandbox)).toEqual([])
    expect(sandbox.githubRuns('acme/services')).toMatchObject([
      { inputs: { service: 'checkout', environment: 'staging', version: 'latest' } },
    ])
  })

  it('shows no secret and no markup of others in the summary', async ({ sandbox }) => {
    const main = await new ActionStep({
      sandbox,
      inputs: {
        operation: 'DISPATCH',
        invocationMethod: DEPLOY,
        context: JSON.stringify({
          inputs: { service: '<b>|[x](javascript:1)', environment: 'staging' },
          secrets: { version: 's3cr3t-version' },
        }),
        clientId: '',
        clientSecret: '',
      },
    }).main()
    expect(main.code).toBe(0)
    expect(main.masks).toContain('s3cr3t-version')
    // Three asterisks, which Markdown would take for something else.
    expect(main.summary).toContain('<td>version</td><td><code>&#42;&#42;&#42;</code></td>')
    expect(main.summary).not.toMatch(/s3cr3t|<b>|\[x\]/)
  })

  it.for([
    [{}, 'leaves', { status: 'IN_PROGRESS', statusLabel: 'Still running (no longer tracked)' }],
    [{ onCancel: 'cancel' }, 'cancels', { status: 'FAILURE', statusLabel: 'Cancelled' }],
  ] as const)(
    'when the job is cancelled, with %j it %s what it started',
    async ([inputs, _, expected], { sandbox }) => {
      const main = await new ActionStep({
        sandbox,
        inputs: {
          operation: 'DISPATCH',
          invocationMethod: `${EXAMPLES}/deploy-service/action.json`,
          context: `${EXAMPLES}/deploy-service/context.json`,
          wait: 'true',
          ...inputs,
        },
        interruptOn: /Started acme/,
      }).main()
      expect(main.code).toBe(1)
      expect(sandbox.portRun('r_DeployService001')).toMatchObject(expected)
    },
  )
})
