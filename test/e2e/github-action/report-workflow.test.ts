import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

function lastJob(sandbox: Sandbox, results: Record<string, string>, runId: string) {
  const needs = Object.fromEntries(
    Object.entries(results).map(([job, result]) => [job, { result, outputs: {} }]),
  )
  return new ActionStep({
    sandbox,
    inputs: { needs: JSON.stringify(needs) },
    event: { name: 'workflow_dispatch', payload: { inputs: { port_run_id: runId } } },
  })
}

describe.concurrent('a last job reports the whole workflow', () => {
  it.for<[string, Record<string, string>, 'success' | 'failure' | 'cancelled', object]>([
    [
      'succeeds if all jobs do, or were skipped',
      { build: 'success', deploy: 'skipped' },
      'success',
      { status: 'SUCCESS', statusLabel: 'Success' },
    ],
    [
      'names the jobs that failed',
      { build: 'failure', test: 'failure', deploy: 'skipped', notify: 'cancelled' },
      'success',
      { status: 'FAILURE', statusLabel: 'Failed at "build", "test"' },
    ],
    [
      'was cancelled if a job was and none failed',
      { build: 'success', deploy: 'cancelled' },
      'success',
      { status: 'FAILURE', statusLabel: 'Cancelled' },
    ],
    [
      'fails if the last job itself does',
      { build: 'success' },
      'failure',
      { status: 'FAILURE', statusLabel: 'Failed' },
    ],
  ])('%s', async ([_, results, own, expected], { sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = lastJob(sandbox, results, id)
    const main = await step.main()
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { runId: id } })
    expect(portCalls(sandbox), 'the end tells all').toEqual([])
    const post = await step.post(own)
    expect(post).toMatchObject({ code: 0, annotations: [] })
    expect(sandbox.portRun(id)).toMatchObject({
      ...expected,
      link: step.page,
      externalRunId: 'gh_90211_710045_4711',
    })
  })

  it('lists the result of every job in the log', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = lastJob(sandbox, { build: 'success', deploy: 'failure' }, id)
    await step.main()
    await step.post()
    expect(sandbox.portRun(id)?.logs).toMatchObject([
      { message: `Deploy ended: failure. ${step.page}\n  build: success\n  deploy: failure` },
    ])
  })

  it('keeps the link that another job gave the run', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const patch = { operation: 'PATCH_RUN', runId: id, link: 'https://checkout.example.com' }
    await new ActionStep({ sandbox, inputs: patch }).main()
    const step = lastJob(sandbox, { build: 'success' }, id)
    await step.main()
    await step.post()
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'SUCCESS',
      link: 'https://checkout.example.com',
      externalRunId: 'gh_90211_710045_4711',
    })
  })
})

/** What GitHub sends when a workflow that another one watches changes. */
function watched(sandbox: Sandbox, run: { id: number; status: string; conclusion: string | null }) {
  return {
    name: 'workflow_run',
    payload: {
      action: run.conclusion ? 'completed' : 'in_progress',
      workflow_run: {
        ...run,
        name: 'Deploy',
        html_url: `${sandbox.url}/acme/services/actions/runs/${run.id}`,
        repository: { id: 710_045, full_name: 'acme/services', owner: { id: 90_211 } },
      },
    },
  }
}

describe.concurrent('on the event workflow_run it reports the workflow that it watches', () => {
  async function startedRun(sandbox: Sandbox) {
    const { id } = sandbox.createPortRun('deploy_service')
    const externalRunId = 'gh_90211_710045_4711'
    const patch = { operation: 'PATCH_RUN', runId: id, externalRunId }
    await new ActionStep({ sandbox, inputs: patch }).main()
    return id
  }

  it.for([
    ['success', { status: 'SUCCESS', statusLabel: 'Success' }],
    ['timed_out', { status: 'FAILURE', statusLabel: 'Timed out' }],
    ['cancelled', { status: 'FAILURE', statusLabel: 'Cancelled' }],
  ] as const)('%s', async ([conclusion, expected], { sandbox }) => {
    const id = await startedRun(sandbox)
    const event = watched(sandbox, { id: 4711, status: 'completed', conclusion })
    const step = new ActionStep({ sandbox, event })
    const main = await step.main()
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { runId: id, conclusion } })
    expect(sandbox.portRun(id)).toMatchObject({ ...expected, link: step.page })
    expect(await step.post()).toMatchObject({ code: 0, output: '' })
  })

  it('tells that it runs', async ({ sandbox }) => {
    const id = await startedRun(sandbox)
    const event = watched(sandbox, { id: 4711, status: 'in_progress', conclusion: null })
    expect(await new ActionStep({ sandbox, event }).main()).toMatchObject({ code: 0 })
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'In progress',
    })
  })

  it('has nothing to do for a workflow that Port did not start', async ({ sandbox }) => {
    const event = watched(sandbox, { id: 4712, status: 'completed', conclusion: 'failure' })
    expect(await new ActionStep({ sandbox, event }).main()).toMatchObject({
      code: 0,
      annotations: [
        'notice: No Port run has the external run id gh_90211_710045_4712: Port did not start Deploy, or nothing reported where it runs.',
      ],
    })
  })

  it('reports the node run of a Port workflow that started it', async ({ sandbox }) => {
    const { identifier } = sandbox.createNodeRun()
    const externalRunId = 'gh_90211_710045_4711'
    const patch = { operation: 'PATCH_RUN', runId: identifier, externalRunId }
    await new ActionStep({ sandbox, inputs: patch }).main()
    const event = watched(sandbox, { id: 4711, status: 'completed', conclusion: 'cancelled' })
    const main = await new ActionStep({ sandbox, event }).main()
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { runId: identifier } })
    expect(sandbox.nodeRun(identifier)).toMatchObject({ result: 'CANCELLED' })
    const again = await new ActionStep({ sandbox, event }).main()
    expect(again.annotations).toEqual([expect.stringContaining('already ended')])
  })

  it('tries no longer than reportTimeout to find the run', async ({ sandbox }) => {
    const event = watched(sandbox, { id: 4711, status: 'completed', conclusion: 'failure' })
    const inputs = { baseUrl: 'http://127.0.0.1:59321', reportTimeout: '1s' }
    const began = Date.now()
    const main = await new ActionStep({ sandbox, event, inputs }).main()
    expect(Date.now() - began).toBeLessThan(25_000)
    expect(main).toMatchObject({
      code: 0,
      annotations: [
        expect.stringMatching(/^warning: .*ECONNREFUSED[\s\S]* {2}status: failure, of/),
      ],
    })
  })

  it('leaves a run alone that has ended', async ({ sandbox }) => {
    await startedRun(sandbox)
    const event = watched(sandbox, { id: 4711, status: 'completed', conclusion: 'success' })
    await new ActionStep({ sandbox, event }).main()
    expect(await new ActionStep({ sandbox, event }).main()).toMatchObject({
      code: 0,
      annotations: [
        'notice: The Port run of Deploy (gh_90211_710045_4711) already ended and was left alone.',
      ],
    })
  })
})
