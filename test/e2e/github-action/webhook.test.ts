import { verify } from '@port-dispatch/core/port'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { selfSigned } from '../../support/certificate.ts'
import { Receiver } from '../../support/receiver.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'
import { startedByPort } from '../../support/started-by-port.ts'

/** A step that dispatches a webhook in a workflow that Port started. */
async function dispatch(
  sandbox: Sandbox,
  method: Record<string, unknown>,
  inputs: Record<string, string> = {},
  env: Record<string, string> = {},
) {
  const { id, event } = startedByPort(sandbox)
  const step = new ActionStep({
    sandbox,
    event,
    inputs: {
      operation: 'DISPATCH',
      invocationMethod: JSON.stringify({ type: 'WEBHOOK', ...method }),
      allowHosts: '127.0.0.1',
      ...inputs,
    },
    env,
  })
  return { main: await step.main(), run: sandbox.portRun(id), id }
}

describe.concurrent('DISPATCH of a webhook', () => {
  it('sends it signed, and leaves the Port run open for the receiver', async ({ sandbox }) => {
    await using receiver = await Receiver.responding(202)
    const body = { service: '{{ .inputs.service }}' }
    const { main, run, id } = await dispatch(sandbox, { url: `${receiver.url}/deploy`, body })

    expect(main).toMatchObject({
      code: 0,
      outputs: { status: 'IN_PROGRESS', runId: id },
      log: [expect.stringMatching(/^POST http:\S+\/deploy: 202 Accepted after \d+ ms\./)],
    })
    const { headers, body: received } = receiver.only
    expect(received.toString()).toBe('{"service":"checkout"}')
    const secrets = sandbox.environment.PORT_CLIENT_SECRET ?? ''
    expect(verify({ secrets, headers, body: received })).toMatchObject({ valid: true })
    expect(run).toMatchObject({ status: 'IN_PROGRESS' })
  })

  it('ends with what a synchronized one responds', async ({ sandbox }) => {
    await using receiver = await Receiver.start((response, { path }) => {
      response.writeHead(path === '/good' ? 200 : 422).end('{"id":1}')
    })
    const good = await dispatch(sandbox, { url: `${receiver.url}/good`, synchronized: true })
    expect(good.main).toMatchObject({ code: 0, outputs: { status: 'SUCCESS' } })
    expect(good.run).toMatchObject({ status: 'SUCCESS', response: { id: 1 } })

    const bad = await dispatch(sandbox, { url: `${receiver.url}/bad`, synchronized: true })
    expect(bad.main).toMatchObject({ code: 1, outputs: { status: 'FAILURE' } })
    expect(bad.run).toMatchObject({ statusLabel: '422 Unprocessable Entity' })
  })

  it('waits for a response as long as requestTimeout says', async ({ sandbox }) => {
    await using receiver = await Receiver.start(() => {})
    const { main, run } = await dispatch(sandbox, { url: receiver.url }, { requestTimeout: '2s' })
    expect(main).toMatchObject({
      code: 1,
      annotations: expect.arrayContaining([expect.stringContaining('no response within 2 s')]),
    })
    expect(run).toMatchObject({ status: 'IN_PROGRESS', statusLabel: 'Unknown whether it started' })
    expect(receiver.received).toHaveLength(1)
  })

  it.for([
    ['false', 1],
    ['true', 2],
  ] as const)(
    'is sent again with the same key only with retryWebhook: %s',
    async ([retryWebhook, times], { sandbox }) => {
      await using receiver = await Receiver.start((response, _request, index) => {
        if (index === 0) response.destroy()
        else response.writeHead(202).end()
      })
      const { main } = await dispatch(sandbox, { url: receiver.url }, { retryWebhook })
      expect(main.code).toBe(retryWebhook === 'true' ? 0 : 1)
      expect(receiver.received).toHaveLength(times)
      const keys = receiver.received.map(({ headers }) => headers['idempotency-key'])
      expect(new Set(keys).size).toBe(1)
    },
  )

  it('calls no address of this machine unless allowHosts names it', async ({ sandbox }) => {
    await using receiver = await Receiver.responding(202)
    const { main, run } = await dispatch(sandbox, { url: receiver.url }, { allowHosts: '' })
    expect(main).toMatchObject({
      code: 1,
      annotations: expect.arrayContaining([expect.stringContaining('allowHosts')]),
    })
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
    expect(receiver.received).toEqual([])
  })

  it('trusts the authority that PORT_DISPATCH_WEBHOOK_CA names, and no other', async ({
    sandbox,
  }) => {
    const certificate = selfSigned()
    await using receiver = await Receiver.start((response) => {
      response.writeHead(202).end()
    }, certificate)
    const method = { url: receiver.url }
    const ca = { PORT_DISPATCH_WEBHOOK_CA: certificate.cert }
    expect((await dispatch(sandbox, method, {}, ca)).main).toMatchObject({ code: 0 })
    const { main, run } = await dispatch(sandbox, method)
    expect(main).toMatchObject({ code: 1 })
    expect(run).toMatchObject({ status: 'FAILURE', statusLabel: 'Not started' })
    expect(receiver.received).toHaveLength(1)
  })

  it('shows nothing of what the receiver repeats of the secrets it was sent', async ({
    sandbox,
  }) => {
    await using receiver = await Receiver.start((response, { headers }) => {
      response.writeHead(400).end(`no such token: ${headers.authorization}\n::error::injected`)
    })
    const { main, run } = await dispatch(sandbox, {
      url: receiver.url,
      headers: { authorization: 'Bearer token-of-the-receiver' },
    })
    expect(main.code).toBe(1)
    expect(main.annotations.every((line) => !line.startsWith('error: injected'))).toBe(true)
    expect(main.output + JSON.stringify(run)).not.toContain('token-of-the-receiver')
  })

  it.for<[Record<string, string>, string]>([
    [{ requestTimeout: 'soon' }, 'requestTimeout: found "soon"; expected a time span'],
    [{ retryWebhook: 'maybe' }, 'retryWebhook: found "maybe"; expected true or false'],
    [{ allowHosts: '10.0.0.0/99' }, 'allowHosts'],
  ])('refuses %j before anything is sent', async ([inputs, message], { sandbox }) => {
    await using receiver = await Receiver.responding(202)
    const { main } = await dispatch(sandbox, { url: receiver.url }, inputs)
    expect(main).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(message)],
    })
    expect(receiver.received).toEqual([])
  })
})
