import { createCipheriv, randomBytes } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

describe.concurrent('decrypt', () => {
  /** As Port does it for `encryption: aes256-gcm`. */
  function encrypt(text: string, clientSecret = ''): string {
    const iv = randomBytes(16)
    const cipher = createCipheriv('aes-256-gcm', clientSecret.slice(0, 32), iv)
    const bytes = Buffer.concat([cipher.update(text), cipher.final()])
    return Buffer.concat([iv, bytes, cipher.getAuthTag()]).toString('base64')
  }

  it('gives encrypted user inputs to the job, masked', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const password = encrypt('hunter "2"\nand more', sandbox.environment.PORT_CLIENT_SECRET)
    const payload = {
      context: { runId: id },
      resourceType: 'run',
      payload: { properties: { password } },
    }
    const main = await new ActionStep({
      sandbox,
      inputs: { decrypt: 'inputs.password' },
      event: {
        name: 'workflow_dispatch',
        payload: { inputs: { port_payload: JSON.stringify(payload) } },
      },
    }).main()
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(JSON.parse(main.outputs.decrypted ?? '')).toEqual({ password: 'hunter "2"\nand more' })
    expect(main.masks).toEqual(
      expect.arrayContaining(['hunter "2"\nand more', 'hunter \\"2\\"\\nand more']),
    )
    expect(sandbox.portRun(id)).toMatchObject({ statusLabel: 'Running' })
  })

  it.for<[string, string, string]>([
    [
      'password',
      encrypt('x', 'some-other-client-secret-of-32-bytes'),
      'is not a value that Port encrypted',
    ],
    ['password', 'plain', 'is not a value that Port encrypted'],
    ['pasword', 'plain', 'there is no such value; the inputs of the context are password'],
  ])('refuses %s: %s', async ([decrypt, password, message], { sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const main = await new ActionStep({
      sandbox,
      inputs: { decrypt, runId: id },
      event: { name: 'workflow_dispatch', payload: { inputs: { password } } },
    }).main()
    expect(main).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(`decrypt: ${decrypt}: ${message}`)],
    })
  })

  it('that fails makes the job fail, and the Port run ends with it', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const step = new ActionStep({
      sandbox,
      inputs: { decrypt: 'password', runId: id },
      event: { name: 'workflow_dispatch', payload: { inputs: { password: '' } } },
    })
    expect(await step.main()).toMatchObject({ code: 1 })
    expect(await step.post('failure')).toMatchObject({ code: 0 })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'FAILURE' })
  })
})
