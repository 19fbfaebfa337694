import { describe, expect } from 'vitest'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

describe.concurrent('Port cannot be told', () => {
  const nowhere = { baseUrl: 'http://127.0.0.1:59321', reportTimeout: '2s' }

  it('because it cannot be reached: a warning with what was lost, and a green job', async ({
    sandbox,
  }) => {
    const step = new ActionStep({ sandbox, inputs: { runId: 'r_1', ...nowhere } })
    const main = await step.main()
    expect(main.code).toBe(0)
    expect(main.annotations).toEqual([
      expect.stringMatching(
        /^warning: Could not update Port: .*\(ECONNREFUSED\)[^\n]*\n {2}link: http[\s\S]* {2}status label: Running$/,
      ),
    ])
    const post = await step.post('success')
    expect(post.code).toBe(0)
    expect(post.annotations).toEqual([expect.stringContaining('status: SUCCESS')])
  })

  it('at the start only: the end tells what was missed', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs: Record<string, string> = { runId: id, ...nowhere }
    const step = new ActionStep({ sandbox, inputs })
    await step.main()
    // The time limit was for what cannot be reached: a busy machine takes longer for what can.
    Object.assign(inputs, { baseUrl: sandbox.url, reportTimeout: '5m' })
    expect(await step.post('success')).toMatchObject({ code: 0, annotations: [] })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS', link: step.page })
  })

  it('which fails the step if strict is set', async ({ sandbox }) => {
    const inputs = { runId: 'r_1', strict: 'true', ...nowhere }
    const main = await new ActionStep({ sandbox, inputs }).main()
    expect(main.code).toBe(1)
    expect(main.annotations).toEqual([expect.stringMatching(/^error: .*ECONNREFUSED/)])
  })

  it('because it does not accept the credentials: names the inputs to look at', async ({
    sandbox,
  }) => {
    const inputs = { runId: 'r_1', clientSecret: 'a-secret-of-another-organization' }
    const main = await new ActionStep({ sandbox, inputs }).main()
    expect(main.code).toBe(0)
    expect(main.annotations).toEqual([
      expect.stringMatching(/^warning: .*Check clientId and clientSecret, and that baseUrl is/),
    ])
  })

  it('because there is no such run', async ({ sandbox }) => {
    const main = await new ActionStep({ sandbox, inputs: { runId: 'r_none' } }).main()
    expect(main.code).toBe(0)
    expect(main.annotations).toEqual([expect.stringContaining('Check the run ID')])
  })
})
