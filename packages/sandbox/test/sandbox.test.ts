import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type Exchange, startSandbox } from '@port-dispatch/sandbox'
import { expect, test } from 'vitest'

test('the environment is all that a tool needs', async () => {
  const sandbox = await startSandbox()
  expect(sandbox.environment).toEqual({
    PORT_BASE_URL: sandbox.url,
    PORT_CLIENT_ID: 'sandbox-port-client-id',
    PORT_CLIENT_SECRET: expect.stringMatching(/^sandbox-port-client-secret-/),
    GITHUB_API_URL: `${sandbox.url}/api/v3`,
    GITHUB_TOKEN: expect.stringMatching(/^sandbox-github-token-/),
    GITLAB_URL: sandbox.url,
    GITLAB_TOKEN: expect.stringMatching(/^sandbox-gitlab-token-/),
    GITLAB_TRIGGER_TOKEN: expect.stringMatching(/^sandbox-gitlab-trigger-token-/),
    PORT_DISPATCH_ALLOW_HOSTS: new URL(sandbox.url).host,
  })
  await sandbox.close()
})

test('each exchange is told before its answer arrives, and kept', async () => {
  const told: Exchange[] = []
  const sandbox = await startSandbox({ onExchange: (exchange) => told.push(exchange) })
  const credentials = { clientId: 'no', clientSecret: 'no' }
  await fetch(`${sandbox.url}/v1/auth/access_token?x=%20y`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Test': 'Yes' },
    body: JSON.stringify(credentials),
  })
  expect(told).toEqual([
    expect.objectContaining({
      service: 'port',
      method: 'POST',
      path: '/v1/auth/access_token',
      query: { x: ' y' },
      requestHeaders: expect.objectContaining({ 'x-test': 'Yes' }),
      requestText: '{"clientId":"no","clientSecret":"no"}',
      requestBody: credentials,
      status: 401,
      responseBody: expect.objectContaining({ ok: false }),
    }),
  ])
  expect(sandbox.exchanges).toEqual(told)
  await sandbox.close()
})

test('only the latest exchanges are kept', async () => {
  const sandbox = await startSandbox({ rememberedExchanges: 2 })
  for (const path of ['/a', '/b', '/c']) await fetch(sandbox.url + path)
  expect(sandbox.exchanges.map(({ path }) => path)).toEqual(['/b', '/c'])
  await sandbox.close()
})

test('a second sandbox on the same port is refused by the system', async () => {
  const sandbox = await startSandbox()
  const port = Number(new URL(sandbox.url).port)
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await sandbox.close()
})

test('closing drops open connections, also in the middle of a request', async () => {
  const sandbox = await startSandbox()
  await (await fetch(sandbox.url)).text()
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    'POST /v1/auth/access_token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{',
  )
  const dropped = once(socket, 'close').catch(() => undefined)
  await setTimeout(20)
  const before = performance.now()
  await sandbox.close()
  await dropped
  expect(performance.now() - before).toBeLessThan(50_000)
  await expect(fetch(sandbox.url)).rejects.toThrow()
})

test('each service says in its own form that there is nothing at an address', async () => {
  const sandbox = await startSandbox()
  const body = async (path: string) => (await fetch(sandbox.url + path)).json()
  expect(await body('/v1/nope')).toMatchObject({ ok: false, error: 'not_found' })
  expect(await body('/api/v3/nope')).toMatchObject({ message: 'Not Found', status: '404' })
  // A project's path that is not escaped makes an address that GitLab does not have.
  const unescaped = '/api/v4/projects/acme/platform/provisioning/pipelines'
  expect(await body(unescaped)).toEqual({ error: '404 Not Found' })
  await sandbox.close()
})

test('runs can be started without a request, for examples with fixed ids', async () => {
  const sandbox = await startSandbox()
  const { id } = sandbox.createPortRun('deploy_service', { id: 'r_mine', properties: { a: 1 } })
  expect(sandbox.portRun(id)).toMatchObject({ id: 'r_mine', status: 'IN_PROGRESS' })
  expect(() => sandbox.createPortRun('nope')).toThrow('no action nope')
  expect(() => sandbox.createPortRun('deploy_service', { id })).toThrow('already has a run r_mine')
  await sandbox.close()
})

test('a request for another host is refused: a page whose name resolves here cannot read the sandbox', async () => {
  const sandbox = await startSandbox()
  const { port } = new URL(sandbox.url)
  const statusFor = async (host: string): Promise<string | undefined> => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`GET /v1/actions HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    let text = ''
    for await (const chunk of socket) text += chunk
    return /^HTTP\/1.1 (\d+)/.exec(text)?.[1]
  }
  expect(await statusFor(`rebound.example:${port}`)).toBe('421')
  expect(await statusFor(`localhost:${port}`)).not.toBe('421')
  expect(await statusFor(`127.0.0.1:${port}`)).not.toBe('421')
  await sandbox.close()
})
