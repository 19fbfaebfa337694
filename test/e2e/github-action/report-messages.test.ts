import { describe, expect } from 'vitest'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'
import { startedByPort } from '../../support/started-by-port.ts'

const MESSAGES = {
  startMessage: 'Setting out',
  successMessage: 'Shipped',
  failureMessage: 'Stranded',
}

describe.concurrent('REPORT says what three steps said', () => {
  it('adds its first message to the log when the job starts', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    await new ActionStep({ sandbox, event, inputs: MESSAGES }).main()
    expect(portCalls(sandbox).at(-1)).toEqual({
      call: `POST /v1/actions/runs/${id}/logs`,
      body: { message: 'Setting out' },
    })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'IN_PROGRESS', statusLabel: 'Running' })
  })

  it.for([
    ['success', 'SUCCESS', 'Success', 'Shipped'],
    ['failure', 'FAILURE', 'Failed', 'Stranded'],
    ['cancelled', 'FAILURE', 'Cancelled', expect.stringMatching(/^Deploy ended: cancelled\./)],
  ] as const)(
    'ends the log of a job with %s in its own words',
    async ([jobStatus, status, statusLabel, message], { sandbox }) => {
      const { id, event } = startedByPort(sandbox)
      const step = new ActionStep({ sandbox, event, inputs: MESSAGES })
      await step.main()
      await step.post(jobStatus)
      expect(portCalls(sandbox).at(-1)).toEqual({
        call: `POST /v1/actions/runs/${id}/logs`,
        body: { message, terminationStatus: status, statusLabel },
      })
    },
  )

  it('takes logMessage for the end that has no message of its own', async ({ sandbox }) => {
    const { event } = startedByPort(sandbox)
    const inputs = { logMessage: 'Over', failureMessage: 'Stranded' }
    const step = new ActionStep({ sandbox, event, inputs })
    await step.main()
    await step.post('success')
    expect(portCalls(sandbox).at(-1)?.body).toMatchObject({ message: 'Over' })
  })

  it('sends summary and links at the end only, when the steps have made them', async ({
    sandbox,
  }) => {
    const { id, event } = startedByPort(sandbox)
    const inputs: Record<string, string> = { summary: 'of ', link: '["https://pr.example/"]' }
    const step = new ActionStep({ sandbox, event, inputs })
    await step.main()
    expect(sandbox.portRun(id)).toMatchObject({ link: step.page })
    expect(sandbox.portRun(id)?.summary).toBeFalsy()
    Object.assign(inputs, { summary: 'of 7', link: '["https://pr.example/7"]' })
    await step.post('success')
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'SUCCESS',
      summary: 'of 7',
      link: [step.page, 'https://pr.example/7'],
    })
  })

  it('ends the run although the links that the steps have made are none', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const inputs: Record<string, string> = {}
    const step = new ActionStep({ sandbox, event, inputs })
    await step.main()
    Object.assign(inputs, { link: '[broken' })
    expect(await step.post('success')).toMatchObject({
      code: 0,
      annotations: [expect.stringContaining('link: begins with [')],
    })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
  })

  it('leaves a status alone that a step before has sent', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event, inputs: MESSAGES })
    await step.main()
    const inputs = { operation: 'PATCH_RUN', status: 'FAILURE', logMessage: 'No pod is there' }
    await new ActionStep({ sandbox, event, inputs }).main()
    expect(await step.post('success')).toMatchObject({
      code: 0,
      annotations: [expect.stringMatching(/^notice: Port run .* already ended with FAILURE/)],
    })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE' })
  })

  it('does not take a first message in a last job', async ({ sandbox }) => {
    const { event } = startedByPort(sandbox)
    const inputs = { startMessage: 'x', needs: '{"build": {"result": "success"}}' }
    expect(await new ActionStep({ sandbox, event, inputs }).main()).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining('startMessage: cannot be given with needs')],
    })
    expect(portCalls(sandbox)).toEqual([])
  })
})

describe.concurrent('REPORT with reportWorkflowStatus: failure, for a plan that is to be approved', () => {
  const inputs = { ...MESSAGES, reportWorkflowStatus: 'failure' }

  it('leaves the run open if the job succeeds, with its message and summary', async ({
    sandbox,
  }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event, inputs: { ...inputs, summary: '3 to add' } })
    await step.main()
    await step.post('success')
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'IN_PROGRESS',
      summary: '3 to add',
      logs: [{ message: 'Setting out' }, { message: 'Shipped' }],
    })
  })

  it.for(['failure', 'cancelled'] as const)('ends it with %s', async (jobStatus, { sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event, inputs })
    await step.main()
    await step.post(jobStatus)
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE' })
  })

  it('sends summary and links with false too, and nothing if there is nothing', async ({
    sandbox,
  }) => {
    const { id, event } = startedByPort(sandbox)
    const open: Record<string, string> = { reportWorkflowStatus: 'false' }
    const step = new ActionStep({ sandbox, event, inputs: open })
    await step.main()
    const before = portCalls(sandbox).length
    await step.post('success')
    expect(portCalls(sandbox)).toHaveLength(before)
    Object.assign(open, { summary: 'So far' })
    await step.post('success')
    expect(sandbox.portRun(id)).toMatchObject({ status: 'IN_PROGRESS', summary: 'So far' })
  })
})
