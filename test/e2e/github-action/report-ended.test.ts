import { describe, expect } from 'vitest'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'
import { startedByPort } from '../../support/started-by-port.ts'

describe.concurrent('a run that has ended is left alone', () => {
  it('by another attempt of the workflow, which stays green and says so', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const first = new ActionStep({ sandbox, event })
    await first.main()
    await first.post('failure')

    const second = new ActionStep({ sandbox, event, env: { GITHUB_RUN_ATTEMPT: '2' } })
    const main = await second.main()
    expect(main).toMatchObject({
      code: 0,
      annotations: [
        `notice: Port run ${id} already ended with FAILURE (Failed) and was left unchanged.`,
      ],
      log: [expect.stringContaining('This is attempt 2 of Deploy')],
    })
    expect(await second.post('success')).toMatchObject({ code: 0, output: '' })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE' })
  })

  it('by the end of a job in which another step ended the run', async ({ sandbox }) => {
    const { id, event } = startedByPort(sandbox)
    const step = new ActionStep({ sandbox, event })
    await step.main()
    const patch = { operation: 'PATCH_RUN', runId: id, status: 'SUCCESS', statusLabel: 'Shipped' }
    await new ActionStep({ sandbox, inputs: patch }).main()
    expect(await step.post('failure')).toMatchObject({
      code: 0,
      annotations: [
        `notice: Port run ${id} already ended with SUCCESS (Shipped) and was left unchanged.`,
      ],
    })
  })
})
