import { verify } from '@port-dispatch/core/port'
import { describe, expect, it } from 'vitest'
import { InstantClock } from '../../../../test/support/instant-clock.ts'
import { Receiver } from '../../../../test/support/receiver.ts'
import { planOf, SECRET, send } from './send.ts'

describe('the request of a webhook', () => {
  it('carries the rendered body, signed over its exact bytes, and the Port run ID as its key', async () => {
    await using receiver = await Receiver.responding(202)
    const clock = new InstantClock()

    await send({
      method: {
        url: `${receiver.url}/{{ .inputs.service }}`,
        headers: { 'X-Team': '{{ .inputs.team }}' },
        body: { service: '{{ .inputs.service }}', text: 'é "quoted"', count: '{{ 1 + 1 }}' },
      },
      context: { inputs: { service: 'checkout', team: 'payments' } },
      clock,
    })

    const { method, path, headers, body } = receiver.only
    expect(`${method} ${path}`).toBe('POST /checkout')
    expect(body.toString()).toBe('{"service":"checkout","text":"é \\"quoted\\"","count":2}')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(body.byteLength),
      'idempotency-key': 'r_1',
      'x-team': 'payments',
    })
    expect(
      verify({ secrets: SECRET, headers, body, now: clock.now(), tolerance: 1000 }),
    ).toMatchObject({ valid: true, form: 'raw' })
  })

  it('is not signed without a client secret, and says so', async () => {
    await using receiver = await Receiver.responding(202)
    const sending = { method: { url: receiver.url }, webhook: { clientSecret: '' } }

    expect((await planOf(sending)).notes).toContain(
      'The request is not signed, because there is no client secret of Port.',
    )
    await send(sending)

    expect(receiver.only.headers).not.toHaveProperty('x-port-signature')
  })

  it.each(['PUT', 'PATCH', 'post'])('can use the method %s', async (method) => {
    await using receiver = await Receiver.responding(202)

    await send({ method: { url: receiver.url, method, body: { a: 1 } } })

    expect(receiver.only).toMatchObject({ method: method.toUpperCase() })
    expect(receiver.only.body.toString()).toBe('{"a":1}')
  })

  it.each(['GET', 'DELETE'])('has no body with %s, unless one is given', async (method) => {
    await using receiver = await Receiver.responding(202)

    await send({ method: { url: receiver.url, method } })
    await send({ method: { url: receiver.url, method, body: { a: 1 } } })

    const [without, given] = receiver.received
    expect(without?.body.toString()).toBe('')
    expect(without?.headers).not.toHaveProperty('content-type')
    expect(
      verify({ secrets: SECRET, headers: without?.headers ?? {}, body: '', tolerance: Infinity }),
    ).toMatchObject({ valid: true })
    expect(given?.body.toString()).toBe('{"a":1}')
    expect(given?.headers['content-length']).toBe('7')
  })

  it("carries Port's run message if the action has no body, without the headers, which hold credentials", async () => {
    await using receiver = await Receiver.responding(202)

    await send({
      method: {
        url: `${receiver.url}/hook`,
        headers: { authorization: 'Bearer {{ .secrets.token }}' },
      },
      context: {
        inputs: { service: '{{ .secrets.token }}' },
        action: { identifier: 'deploy', blueprint: 'service' },
        entity: { identifier: 'checkout' },
        trigger: { operation: 'DAY-2' },
        secrets: { token: 'token-of-the-receiver' },
      },
    })

    const { body, headers } = receiver.only
    expect(headers.authorization).toBe('Bearer token-of-the-receiver')
    expect(JSON.parse(body.toString())).toEqual({
      action: 'deploy',
      resourceType: 'run',
      status: 'TRIGGERED',
      trigger: { operation: 'DAY-2' },
      context: { entity: 'checkout', blueprint: 'service', runId: 'r_1' },
      payload: {
        entity: { identifier: 'checkout' },
        action: {
          invocationMethod: {
            type: 'WEBHOOK',
            url: `${receiver.url}/hook`,
            agent: false,
            synchronized: false,
            method: 'POST',
          },
          trigger: 'DAY-2',
        },
        properties: { service: '{{ .secrets.token }}' },
        censoredProperties: null,
      },
    })
  })

  it('lets the action set neither its signature nor what belongs to the connection', async () => {
    await using receiver = await Receiver.responding(202)
    const sending = {
      method: {
        url: receiver.url,
        body: {},
        headers: {
          'X-Port-Signature': 'v1,forged',
          'Idempotency-Key': 'mine',
          'Content-Length': '1',
          Host: 'other.example.com',
          'Content-Type': 'application/vnd.api+json',
        },
      },
    }

    const { notes } = await planOf(sending)
    await send(sending)

    expect(receiver.only.headers).toMatchObject({
      'x-port-signature': expect.stringMatching(/^v1,.{44}$/),
      'idempotency-key': 'r_1',
      'content-length': '2',
      host: `127.0.0.1:${receiver.port}`,
      'content-type': 'application/vnd.api+json',
    })
    expect(notes).toContain(
      'headers.X-Port-Signature is set by port-dispatch. The value in the action is not sent.',
    )
    expect(notes.filter((note) => note.includes('is set by port-dispatch'))).toHaveLength(4)
  })

  it('shows neither credentials nor queries in what is printed before it is sent', async () => {
    const { preview, target } = await planOf({
      method: {
        url: 'https://user:password-1@hooks.example.com/deploy?token=token-1',
        headers: { authorization: 'Bearer token-2', accept: 'application/json' },
        body: { a: 1 },
      },
    })

    expect(target).toBe('POST https://hooks.example.com/deploy')
    expect(preview).toEqual({
      method: 'POST',
      url: 'https://hooks.example.com/deploy?token=***',
      headers: {
        'content-type': 'application/json',
        authorization: '***',
        accept: 'application/json',
        'idempotency-key': 'r_1',
      },
      synchronized: false,
      body: { a: 1 },
    })
  })

  it.each([
    [true, 'This machine sends the request, in place of an agent of Port (agent: true).'],
    [
      false,
      'This machine sends the request. Port sends one as well when the action is run in Port (agent: false).',
    ],
  ])('says who sends it where agent is %s', async (agent, note) => {
    const { notes } = await planOf({ method: { url: 'https://hooks.example.com', agent } })

    expect(notes).toContain(note)
  })
})
