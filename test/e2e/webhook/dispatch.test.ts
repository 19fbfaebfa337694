import { randomUUID } from 'node:crypto'
import { verify } from '@port-dispatch/core/port'
import type { Sandbox } from '@port-dispatch/sandbox'
import { describe, expect } from 'vitest'
import { Receiver } from '../../support/receiver.ts'
import { runCommand } from '../../support/run-command.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

function dispatch(
  sandbox: Sandbox,
  method: Record<string, unknown>,
  flags: string[] = [],
  env: Record<string, string> = {},
) {
  const { id } = sandbox.createPortRun('deploy_service', { id: `r_${randomUUID()}` })
  const action = JSON.stringify({ type: 'WEBHOOK', ...method })
  const args = ['dispatch', '--action', action, '--context', '{"inputs":{"service":"checkout"}}']
  return {
    id,
    command: runCommand([...args, '--run-id', id, ...flags], {
      env: { ...sandbox.environment, PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1', ...env },
    }),
  }
}

describe.concurrent('the command dispatches a webhook', () => {
  it('and leaves the Port run open for the receiver to end it', async ({ sandbox }) => {
    await using receiver = await Receiver.responding(202)

    const { id, command } = dispatch(sandbox, {
      url: `${receiver.url}/deploy`,
      body: { service: '{{ .inputs.service }}' },
    })
    const { code, stderr } = await command

    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/POST http:\S+\/deploy: 202 Accepted after \d+ ms\./),
    })
    const { headers, body } = receiver.only
    const secrets = sandbox.environment.PORT_CLIENT_SECRET ?? ''
    expect(verify({ secrets, headers, body })).toMatchObject({ valid: true, form: 'raw' })
    expect(headers['idempotency-key']).toBe(id)
    const run = sandbox.portRun(id)
    expect(run?.status).toBe('IN_PROGRESS')
    expect(run?.logs.map(({ message }) => message)).toEqual([
      expect.stringMatching(/202 Accepted after \d+ ms\. The receiver reports how the run ends\.$/),
    ])
  })

  it('and ends the Port run with why it was refused', async ({ sandbox }) => {
    await using receiver = await Receiver.responding(503, 'under maintenance')

    const { id, command } = dispatch(sandbox, { url: receiver.url })
    const { code, stderr } = await command

    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('under maintenance'),
    })
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'FAILURE',
      statusLabel: '503 Service Unavailable',
    })
    expect(receiver.received).toHaveLength(1)
  })

  it('and ends the Port run with the status of a synchronized one', async ({ sandbox }) => {
    await using receiver = await Receiver.start((response, { path }) => {
      response.writeHead(path === '/good' ? 200 : 404).end('{"id":1}')
    })

    const good = dispatch(sandbox, { url: `${receiver.url}/good`, synchronized: true })
    const bad = dispatch(sandbox, { url: `${receiver.url}/bad`, synchronized: true })

    expect((await good.command).code).toBe(0)
    expect((await bad.command).code).toBe(1)
    expect(sandbox.portRun(good.id)).toMatchObject({
      status: 'SUCCESS',
      statusLabel: '200 OK',
      response: { id: 1 },
    })
    expect(sandbox.portRun(bad.id)).toMatchObject({
      status: 'FAILURE',
      statusLabel: '404 Not Found',
    })
  })

  it('and says that it is unknown what became of it, without ending the run', async ({
    sandbox,
  }) => {
    await using receiver = await Receiver.start((response) => response.destroy())

    const { id, command } = dispatch(sandbox, { url: receiver.url })
    const { code, stderr } = await command

    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('It is unknown whether the receiver acted on the request'),
    })
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Unknown whether it started',
    })
    expect(receiver.received).toHaveLength(1)
  })

  it('again with the same key if --retry-webhook is given', async ({ sandbox }) => {
    await using receiver = await Receiver.start((response, _request, index) => {
      if (index === 0) response.destroy()
      else response.writeHead(202).end()
    })

    const { command } = dispatch(sandbox, { url: receiver.url }, ['--retry-webhook'])

    expect((await command).code).toBe(0)
    const keys = receiver.received.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
  })

  it('and does not wait longer than --request-timeout', async ({ sandbox }) => {
    await using receiver = await Receiver.start(() => {})

    const { command } = dispatch(sandbox, { url: receiver.url }, ['--request-timeout', '2s'])

    expect(await command).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no response within 2 s'),
    })
  })

  it('and calls the API of Port with our token', async ({ sandbox }) => {
    const { id, command } = dispatch(
      sandbox,
      { url: `${sandbox.url}/v1/actions/deploy_service`, method: 'GET', synchronized: true },
      [],
      { PORT_DISPATCH_ALLOW_HOSTS: '' },
    )

    expect(await command).toMatchObject({ code: 0 })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS' })
  })

  it.for<[string, Record<string, unknown>, string]>([
    ['a URL that renders to null', { url: '{{ .inputs.missing }}' }, 'url: found null'],
    ['a URL without a scheme', { url: 'hooks.example.com' }, 'url: found "hooks.example.com"'],
    ['an unknown method', { url: 'https://a.b', method: 'TRACE' }, 'method: found "TRACE"'],
    [
      'a header that is not a string',
      { url: 'https://a.b', headers: { 'x-a': '{{ .inputs }}' } },
      'headers.x-a: found an object',
    ],
    [
      'a header that HTTP does not allow',
      { url: 'https://a.b', headers: { 'x a': '1' } },
      'headers["x a"]: is not a name that HTTP allows',
    ],
    [
      'a header with a line break',
      { url: 'https://a.b', headers: { 'x-a': 'a\nb' } },
      'headers.x-a: has a character that HTTP does not allow',
    ],
    ['a body that is a string', { url: 'https://a.b', body: 'text' }, 'body: found "text"'],
    ['a metadata address', { url: 'http://169.254.169.254/latest' }, 'allow it with --allow-host'],
  ])('but not %s, before anything is sent', async ([_what, method, message], { sandbox }) => {
    const { id, command } = dispatch(sandbox, method)

    expect(await command).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
    expect(sandbox.portRun(id)).toMatchObject({ status: 'IN_PROGRESS', logs: [] })
  })
})

describe.concurrent('a receiver that repeats what it was sent', () => {
  it('does not bring a secret into Port', async ({ sandbox }) => {
    const secret = 'hunter2-of-production'
    await using receiver = await Receiver.responding(200, JSON.stringify({ got: secret }))
    const { id } = sandbox.createPortRun('deploy_service', { id: `r_${randomUUID()}` })
    const action = {
      type: 'WEBHOOK',
      url: receiver.url,
      synchronized: true,
      body: { token: '{{ .secrets.token }}' },
    }
    const context = { inputs: {}, run: { id }, secrets: { token: secret } }
    const { code } = await runCommand(
      ['dispatch', '--action', JSON.stringify(action), '--context', JSON.stringify(context)],
      { env: { ...sandbox.environment, PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1' } },
    )
    expect(code).toBe(0)
    expect(receiver.only.body.toString()).toContain(secret)
    const sent = sandbox.exchanges.filter(({ service }) => service === 'port')
    expect(sent.some(({ path }) => path.endsWith('/response'))).toBe(true)
    expect(JSON.stringify(sent)).not.toContain(secret)
  })
})
