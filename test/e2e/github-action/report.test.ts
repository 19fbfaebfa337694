import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'
import { startedByPort } from '../../support/started-by-port.ts'

const EXTERNAL = 'gh_90211_710045_4711'

describe.concurrent('one step reports the whole job', () => {
  it('tells Port where it runs, and at the end that it succeeded', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event })

    const main = await step.main()
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(main.outputs).toEqual({
      runId: id,
      url: step.page,
      externalRunId: EXTERNAL,
      status: 'IN_PROGRESS',
      statusLabel: 'Running',
    })
    // What others wrote on the run is known from the first response, and kept by the second request.
    expect(portCalls(sandbox)).toEqual([
      { call: 'POST /v1/auth/access_token' },
      { call: `PATCH /v1/actions/runs/${id}`, body: { statusLabel: 'Running' } },
      {
        call: `PATCH /v1/actions/runs/${id}`,
        body: { link: step.page, externalRunId: EXTERNAL },
      },
    ])

    const post = await step.post('success')
    expect(post).toMatchObject({ code: 0, annotations: [] })
    expect(portCalls(sandbox).slice(3)).toEqual([
      { call: 'POST /v1/auth/access_token' },
      {
        call: `POST /v1/actions/runs/${id}/logs`,
        body: {
          message: `Deploy ended: success. ${step.page}`,
          terminationStatus: 'SUCCESS',
          statusLabel: 'Success',
        },
      },
    ])
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS', link: step.page })
  })

  it('masks the access token, and keeps no secret in its state', async ({ sandbox }) => {
    const { event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event })
    const main = await step.main()
    const tokens = sandbox.exchanges
      .map(({ responseBody }) => (responseBody as { accessToken?: string }).accessToken)
      .filter((token) => token !== undefined)
    expect(main.masks).toEqual(expect.arrayContaining(tokens))
    expect(JSON.stringify(main.state)).not.toContain(tokens[0])
  })

  it('says that the job was cancelled', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event })
    await step.main()
    await step.post('cancelled')
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
  })

  it('names the step that failed, with a link to its log', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const failed = await failedRun(sandbox)
    const step = new ActionStep({ sandbox, event, env: { GITHUB_RUN_ID: String(failed.id) } })
    await step.main()
    await step.post('failure')
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed at "Terraform apply"',
      logs: [
        {
          message: expect.stringMatching(
            /^Deploy ended: failure\. .*\nFailed:\n {2}Deploy to broken, step "Terraform apply": http.*#step:\d+:1$/,
          ),
        },
      ],
    })
  })

  it.for(['a-token-that-may-not-read', ''])(
    'names no step if the token %j shows none',
    async (githubToken, { sandbox }) => {
      const { id, event } = startedByPort(sandbox)
      const step = new ActionStep({ sandbox, event, inputs: { githubToken } })
      await step.main()
      const post = await step.post('failure')
      expect(post).toMatchObject({ code: 0, annotations: [] })
      expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE', statusLabel: 'Failed' })
    },
  )

  it('adds what its inputs say', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({
      sandbox,
      event,
      inputs: {
        statusLabel: 'Deploying',
        summary: '# Checkout',
        link: 'https://checkout.example.com\nhttps://grafana.example.com',
        externalRunId: 'my-own-id',
        logMessage: 'Deployed ::error::1.4.0',
      },
    })
    await step.main()
    expect(sandbox.portRun(id)).toMatchObject({
      statusLabel: 'Deploying',
      link: step.page,
      externalRunId: 'my-own-id',
    })
    await step.post()
    expect(sandbox.portRun(id)).toMatchObject({
      summary: '# Checkout',
      link: [step.page, 'https://checkout.example.com', 'https://grafana.example.com'],
      logs: [{ message: 'Deployed ::error::1.4.0' }],
    })
  })

  it('tells at the end what its inputs say by then, and nothing twice', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const inputs: Record<string, string> = {}
    const step = new ActionStep({ sandbox, event, inputs })
    await step.main()
    inputs.summary = 'Deployed'
    await step.post()
    expect(portCalls(sandbox).slice(4)).toEqual([
      { call: `PATCH /v1/actions/runs/${id}`, body: { summary: 'Deployed' } },
      { call: `POST /v1/actions/runs/${id}/logs`, body: expect.anything() },
    ])
  })

  it('leaves the end to others with reportWorkflowStatus: false', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event, inputs: { reportWorkflowStatus: 'false' } })
    await step.main()
    const post = await step.post('failure')
    expect(post).toMatchObject({ code: 0, log: [], annotations: [] })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'IN_PROGRESS', link: step.page })
  })
})

async function failedRun(sandbox: Sandbox): Promise<{ id: number }> {
  const api = `${sandbox.environment.GITHUB_API_URL}/repos/acme/services/actions`
  await fetch(`${api}/workflows/deploy.yml/dispatches`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.environment.GITHUB_TOKEN}` },
    body: JSON.stringify({ ref: 'main', inputs: { service: 'checkout', environment: 'broken' } }),
  })
  for (;;) {
    const [run] = sandbox.githubRuns('acme/services')
    if (run?.status === 'completed') return run
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
