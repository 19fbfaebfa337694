import { writeFile } from 'node:fs/promises'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

/** A workflow that a node of a Port workflow started. */
function startedByNode(sandbox: Sandbox) {
  const { identifier } = sandbox.createNodeRun()
  const inputs = { port_context: JSON.stringify({ workflowNodeRun: { identifier } }) }
  return { node: identifier, event: { name: 'workflow_dispatch', payload: { inputs } } }
}

/** What `${{ toJSON(steps.deploy.outputs) }}` becomes. */
const OUTPUTS = '{\n  "url": "https://shop.example.com",\n  "replicas": "3"\n}'

describe.concurrent('a job that a node of a Port workflow started', () => {
  it('is reported to the node run, with its link, its end and its output', async ({ sandbox }) => {
    const { node, event } = startedByNode(sandbox)
    const started = await new ActionStep({ sandbox, event, inputs: { output: 'null' } }).main()
    expect(started).toMatchObject({ code: 0, annotations: [], outputs: { runId: node } })
    const step = new ActionStep({ sandbox, event, inputs: { output: OUTPUTS } })
    await step.main()
    expect(sandbox.nodeRun(node)).toMatchObject({ status: 'IN_PROGRESS', links: [step.page] })
    expect(sandbox.nodeRun(node)).not.toHaveProperty('output')
    expect(await step.post()).toMatchObject({ code: 0, annotations: [] })
    expect(sandbox.nodeRun(node)).toMatchObject({
      status: 'COMPLETED',
      result: 'SUCCESS',
      output: { url: 'https://shop.example.com', replicas: '3' },
    })
    expect(portCalls(sandbox).at(-1)).toEqual({
      call: `PATCH /v1/workflows/nodes/runs/${node}`,
      body: {
        status: 'COMPLETED',
        result: 'SUCCESS',
        output: { url: 'https://shop.example.com', replicas: '3' },
      },
    })
  })

  it.for([
    ['failure', 'FAILED'],
    ['cancelled', 'CANCELLED'],
  ] as const)('that ended with %s has its output too', async ([ended, result], { sandbox }) => {
    const { node, event } = startedByNode(sandbox)
    const step = new ActionStep({ sandbox, event, inputs: { output: OUTPUTS } })
    await step.main()
    await step.post(ended)
    expect(sandbox.nodeRun(node)).toMatchObject({ result, output: { replicas: '3' } })
  })

  it('has no output where there is nothing', async ({ sandbox }) => {
    const { node, event } = startedByNode(sandbox)
    const step = new ActionStep({ sandbox, event, inputs: { output: 'null' } })
    await step.main()
    expect(await step.post()).toMatchObject({ annotations: [] })
    expect(sandbox.nodeRun(node)).toMatchObject({ status: 'COMPLETED' })
    expect(sandbox.nodeRun(node)).not.toHaveProperty('output')
  })

  it('ends although its output is not JSON, and says where it is not', async ({ sandbox }) => {
    const { node, event } = startedByNode(sandbox)
    const inputs = { output: '{"replicas": , "url": ""}' }
    const step = new ActionStep({ sandbox, event, inputs })
    expect(await step.main()).toMatchObject({ code: 0, annotations: [] })
    const { code, annotations } = await step.post()
    expect({ code, annotations }).toEqual({
      code: 0,
      annotations: [
        'warning: The end is reported without an output. The input output is not valid JSON:\n  output:1:14: found , where a value is expected',
      ],
    })
    expect(sandbox.nodeRun(node)).toMatchObject({ status: 'COMPLETED', result: 'SUCCESS' })
  })

  it('reports no credential and no decrypted input in its output', async ({ sandbox }) => {
    const { node, event } = startedByNode(sandbox)
    const secret = sandbox.environment.PORT_CLIENT_SECRET ?? ''
    const output = JSON.stringify({ text: `with ${secret}`, list: [secret] })
    const step = new ActionStep({ sandbox, event, inputs: { output, summary: secret } })
    await step.main()
    await step.post()
    expect(sandbox.nodeRun(node)).toMatchObject({
      output: { text: 'with ***', list: ['***'] },
      logs: [{ message: 'Running' }, { message: '***' }, {}],
    })
  })

  it('says that the run of an action has no output', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({ sandbox, inputs: { runId: id, output: OUTPUTS } })
    await step.main()
    expect((await step.post()).annotations).toEqual([
      `notice: The output was not sent: ${id} is the run of an action, and only node runs of a workflow (wfnr_…) have an output.`,
    ])
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
  })

  it('in several jobs gives the output of the last', async ({ sandbox }) => {
    const { node, event } = startedByNode(sandbox)
    const needs = JSON.stringify({ build: { result: 'success', outputs: { image: 'shop:1' } } })
    const step = new ActionStep({ sandbox, event, inputs: { needs, output: needs } })
    await step.main()
    await step.post()
    expect(sandbox.nodeRun(node)).toMatchObject({
      result: 'SUCCESS',
      output: { build: { outputs: { image: 'shop:1' } } },
      links: [step.page],
    })
  })
})

describe.concurrent('PATCH_RUN of a node run', () => {
  const patch = async (sandbox: Sandbox, inputs: Record<string, string>) => {
    const { identifier } = sandbox.createNodeRun()
    const all = { operation: 'PATCH_RUN', runId: identifier, ...inputs }
    const main = await new ActionStep({ sandbox, inputs: all }).main()
    return { main, run: sandbox.nodeRun(identifier) }
  }

  it('ends it with its output', async ({ sandbox }) => {
    const inputs = { status: 'success', output: OUTPUTS, logMessage: 'Deployed' }
    const { main, run } = await patch(sandbox, inputs)
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { status: 'SUCCESS' } })
    expect(run).toMatchObject({
      status: 'COMPLETED',
      result: 'SUCCESS',
      output: { replicas: '3' },
      logs: [{ level: 'INFO', message: 'Deployed' }],
    })
  })

  it('ends it as cancelled', async ({ sandbox }) => {
    const { run } = await patch(sandbox, { status: 'cancelled' })
    expect(run).toMatchObject({ result: 'CANCELLED', logs: [{ message: 'Cancelled' }] })
  })

  it('changes it while it goes on', async ({ sandbox }) => {
    const link = 'https://plan.example.com'
    const inputs = { statusLabel: 'Planned', logMessage: '3 to add', link, output: '{"add": 3}' }
    const { run } = await patch(sandbox, inputs)
    expect(run).toMatchObject({
      status: 'IN_PROGRESS',
      output: { add: 3 },
      links: [link],
      logs: [{ message: 'Planned' }, { message: '3 to add' }],
    })
  })

  it('reads the output from a file', async ({ sandbox }) => {
    const file = `${import.meta.dirname}/../../../node_modules/.cache/node-run-output.json`
    await writeFile(file, '{"from": "file"}')
    const { run } = await patch(sandbox, { output: file })
    expect(run).toMatchObject({ output: { from: 'file' } })
  })

  it('fails over an output that is not JSON, before anything is sent', async ({ sandbox }) => {
    const { main, run } = await patch(sandbox, { status: 'SUCCESS', output: '{"a": 1' })
    expect(main).toMatchObject({
      code: 1,
      annotations: [
        'error: The input output is not valid JSON:\n  output:1:1: ends before this { is closed',
      ],
    })
    expect(run).toMatchObject({ status: 'IN_PROGRESS' })
    expect(portCalls(sandbox)).toEqual([])
  })

  it('leaves one alone that has ended', async ({ sandbox }) => {
    const { identifier } = sandbox.createNodeRun()
    const inputs = { operation: 'PATCH_RUN', runId: identifier, status: 'FAILURE' }
    await new ActionStep({ sandbox, inputs }).main()
    const again = { ...inputs, status: 'SUCCESS' }
    expect(await new ActionStep({ sandbox, inputs: again }).main()).toMatchObject({
      code: 0,
      annotations: [expect.stringMatching(/^notice: .* already ended with FAILURE/)],
    })
    const strict = { ...again, strict: 'true' }
    expect(await new ActionStep({ sandbox, inputs: strict }).main()).toMatchObject({ code: 1 })
  })

  it('fails the step if Port does not have the run', async ({ sandbox }) => {
    const inputs = { operation: 'PATCH_RUN', runId: 'wfnr_missing', logMessage: 'x' }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 1,
      annotations: [expect.stringMatching(/^error: Could not update Port: .*wfnr_missing/s)],
    })
  })

  it('says that the run of an action has no output', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = { operation: 'PATCH_RUN', runId: id, output: OUTPUTS }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 0,
      annotations: [expect.stringMatching(/^notice: The output was not sent/)],
    })
  })
})
