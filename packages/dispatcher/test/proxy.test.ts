import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Http, TransportError } from '@port-dispatch/core/http'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/support/certificate.ts'
import { InstantClock } from '../../../test/support/instant-clock.ts'
import { TestProxy } from '../../../test/support/proxy.ts'
import { type Behaviour, RawServer } from '../../../test/support/raw-server.ts'
import type { Environment } from '../src/network/environment.ts'
import { proxiesFromEnvironment } from '../src/network/proxy.ts'
import { createTransport } from '../src/network/transport.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{"id":"run"}'
const certificate = selfSigned('DNS:gitlab.test,IP:127.0.0.1')

async function send(url: string, env: Environment, clock = new InstantClock()) {
  const transport = createTransport(env, { ca: certificate.cert })
  try {
    return await new Http({ transport, clock }).send(
      { method: 'POST', url, body: '{"ref":"main"}' },
      { repetition: 'once', deadline: clock.now() + 30_000 },
    )
  } finally {
    transport.close()
  }
}

async function failureOf(url: string, env: Environment, clock?: InstantClock) {
  const result = await send(url, env, clock).catch((error: unknown) => error)
  if (result instanceof TransportError) return result
  throw new Error(`Expected a failure, got ${JSON.stringify(result)}`)
}

/** A server that speaks TLS and keeps its connections. */
async function tlsServer(): Promise<RawServer> {
  return await RawServer.start((socket, received) => {
    if (received.endsWith('"main"}')) socket.write(OK)
  }, certificate)
}

/** The way to a server, in short: `direct`, or the proxy's host and port. */
function way(url: string, env: Environment): string {
  const choice = proxiesFromEnvironment(env)(new URL(url))
  if (choice.type === 'proxy') return `${choice.proxy.host}:${choice.proxy.port}`
  return choice.type === 'direct' ? 'direct' : choice.problem
}

describe('the proxy of the environment', () => {
  it.each<[Environment, string, string]>([
    [{}, 'https://a.test', 'direct'],
    [{ HTTPS_PROXY: 'http://proxy:3128' }, 'https://a.test', 'proxy:3128'],
    [{ https_proxy: 'http://proxy:3128' }, 'https://a.test', 'proxy:3128'],
    [{ HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:2' }, 'https://a.test', 'lower:2'],
    [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://a.test', 'direct'],
    [{ HTTP_PROXY: 'http://proxy:3128' }, 'http://a.test', 'proxy:3128'],
    [{ HTTP_PROXY: 'http://proxy:3128' }, 'https://a.test', 'proxy:3128'],
    [{ HTTP_PROXY: 'http://one:1', HTTPS_PROXY: 'http://two:2' }, 'https://a.test', 'two:2'],
    [{ HTTPS_PROXY: 'http://proxy' }, 'https://a.test', 'proxy:80'],
    [{ HTTPS_PROXY: 'https://proxy' }, 'https://a.test', 'proxy:443'],
    [{ HTTPS_PROXY: 'proxy.example.com:3128' }, 'https://a.test', 'proxy.example.com:3128'],
    [{ HTTPS_PROXY: ' http://[::1]:3128 ' }, 'https://a.test', '::1:3128'],
    [{ HTTPS_PROXY: '' }, 'https://a.test', 'direct'],
  ])('%j to %s is %s', (env, url, expected) => {
    expect(way(url, env)).toBe(expected)
  })

  it.each([
    ['*', 'https://a.test', true],
    ['a.test', 'https://a.test', true],
    ['A.Test', 'https://a.test.', true],
    ['a.test', 'https://b.a.test', true],
    ['.a.test', 'https://b.a.test', true],
    ['*.a.test', 'https://b.a.test', true],
    ['a.test', 'https://ba.test', false],
    ['a.test', 'https://a.test.evil.test', false],
    ['x.test, a.test', 'https://a.test', true],
    ['x.test a.test', 'https://a.test', true],
    ['a.test:443', 'https://a.test', true],
    ['a.test:8443', 'https://a.test', false],
    ['a.test:8443', 'https://a.test:8443', true],
    ['a.test:80', 'http://a.test', true],
    ['127.0.0.1', 'http://127.0.0.1:4010', true],
    ['27.0.0.1', 'http://127.0.0.1:4010', false],
    ['0.0.1', 'http://127.0.0.1:4010', false],
    ['10.0.0.0/8', 'https://10.20.30.40', true],
    ['10.0.0.0/8', 'https://11.20.30.40', false],
    ['10.0.0.0/99', 'https://10.20.30.40', false],
    ['::1', 'http://[::1]:8080', true],
    ['[::1]:8080', 'http://[::1]:8080', true],
    ['[::1]:8080', 'http://[::1]:9090', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['', 'https://a.test', false],
    [',,', 'https://a.test', false],
  ])('NO_PROXY=%s excludes %s: %s', (rules, url, isExcluded) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const env = { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://p:1', [name]: rules }
      expect(way(url, env)).toBe(isExcluded ? 'direct' : 'p:1')
    }
  })

  it.each(['http://', 'http://:3128', 'socks5://ada:hunter2@proxy:1080', '://'])(
    'that is %j makes requests fail that would use it, without its password',
    async (address) => {
      const error = await failureOf('https://gitlab.test', { HTTPS_PROXY: address })
      expect(error).toMatchObject({
        effect: 'none',
        reason: expect.stringContaining('HTTPS_PROXY'),
      })
      expect(error.message).toContain('Expected an address like http://proxy.example.com:3128')
      expect(error.message).not.toContain('hunter2')
    },
  )
})

describe('a proxy', () => {
  it('gets the whole address of a plain request, and its own credentials', async () => {
    await using proxy = await RawServer.responding(OK)
    const env = { HTTP_PROXY: `http://ada:s%40crEt%ZZ@127.0.0.1:${proxy.port}` }
    expect(await send('http://gitlab.test:8080/a?b=c', env)).toMatchObject({ status: 200 })
    const [head] = proxy.received
    expect(head).toContain('POST http://gitlab.test:8080/a?b=c HTTP/1.1\r\n')
    expect(head).toMatch(/\r\nhost: gitlab\.test:8080\r\n/i)
    const [, credentials = ''] = /proxy-authorization: Basic (\S+)/i.exec(head ?? '') ?? []
    expect(Buffer.from(credentials, 'base64').toString()).toBe('ada:s%40crEt%ZZ')
  })

  it('tunnels TLS to the server by name, and the tunnel is used again', async () => {
    await using server = await tlsServer()
    const proxy = await TestProxy.start(`http://127.0.0.1:${server.port}`)
    const transport = createTransport({ HTTPS_PROXY: proxy.url }, { ca: certificate.cert })
    try {
      const http = new Http({ transport })
      for (let count = 0; count < 3; count++) {
        const { status } = await http.send(
          { method: 'POST', url: 'https://gitlab.test/api', body: '{"ref":"main"}' },
          { repetition: 'once', deadline: Date.now() + 60_000 },
        )
        expect(status).toBe(200)
      }
    } finally {
      transport.close()
      proxy.close()
    }
    expect(proxy.seen).toEqual(['CONNECT gitlab.test:443'])
  })

  it('can be reached by TLS itself', async () => {
    await using server = await tlsServer()
    const proxy = await TestProxy.start(`http://127.0.0.1:${server.port}`, certificate)
    try {
      const env = { HTTPS_PROXY: proxy.url }
      expect(await send('https://gitlab.test', env)).toMatchObject({ status: 200 })
      expect(proxy.seen).toEqual(['CONNECT gitlab.test:443'])
    } finally {
      proxy.close()
    }
  })

  it('is not used for what NO_PROXY excludes', async () => {
    await using server = await RawServer.responding(OK)
    const env = { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' }
    expect(await send(server.url, env)).toMatchObject({ status: 200 })
  })
})

describe('a proxy that does not connect to the server', () => {
  const refused = (status: string) => `HTTP/1.1 ${status}\r\ncontent-length: 5\r\n\r\nsorry`
  const cases: [string, Behaviour, string, number][] = [
    ['closes the connection', (socket) => socket.end(), 'cannot be used', 6],
    ['resets the connection', (socket) => socket.resetAndDestroy(), 'cannot be used', 6],
    ['sends what is not HTTP', (socket) => socket.end('what?\r\n\r\n'), 'cannot be used', 6],
    ['answers 407', (socket) => socket.end(refused('407 Auth')), 'requires a user name', 1],
    ['answers 403', (socket) => socket.end(refused('403 No')), 'refused to connect', 1],
    ['answers 502', (socket) => socket.end(refused('502 Bad')), 'refused to connect', 6],
    ['answers 503', (socket) => socket.write(refused('503 Busy')), 'refused to connect', 6],
    [
      'opens the tunnel and closes it',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
      'closed',
      6,
    ],
    [
      'opens the tunnel to something else',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n<html>Sign in</html>'),
      '',
      6,
    ],
  ]

  it.each(cases)('because it %s ends with an error', async (_name, behave, reason, attempts) => {
    await using proxy = await RawServer.start((socket, received, index) => {
      if (received.includes('\r\n\r\n')) behave(socket, received, index)
    })
    const error = await failureOf('https://gitlab.test', { HTTPS_PROXY: proxy.url })
    expect(error).toMatchObject({ effect: 'none', reason: expect.stringContaining(reason) })
    expect(proxy.connections).toBeGreaterThanOrEqual(attempts)
    expect(proxy.connections).toBeLessThanOrEqual(8)
  })

  it.each([
    ['to CONNECT', ''],
    ['in the TLS handshake', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('because it never answers %s ends after the time limit', async (_name, first) => {
    const clock = new InstantClock()
    await using proxy = await RawServer.start((socket, received) => {
      const isHandshake = !received.endsWith('\r\n\r\n')
      if (first === '' || isHandshake) clock.expireTimeouts()
      else socket.write(first)
    })
    const error = await failureOf('https://gitlab.test', { HTTPS_PROXY: proxy.url }, clock)
    expect(error).toMatchObject({
      effect: 'none',
      reason: expect.stringMatching(/^no connection through the proxy 127\.0\.0\.1:\d+ within/),
    })
    expect(proxy.connections).toBeLessThan(5)
    // A connection that is left open would keep the process alive.
    await expect.poll(() => proxy.open).toBe(0)
  })

  it('because nothing listens there ends with an error that names it', async () => {
    const error = await failureOf('https://gitlab.test', { HTTPS_PROXY: 'http://127.0.0.1:9' })
    expect(error).toMatchObject({
      effect: 'none',
      reason:
        'the proxy 127.0.0.1:9 (HTTPS_PROXY) cannot be used: the connection was refused (ECONNREFUSED)',
    })
  })

  it('because it wants credentials says so for a plain request too', async () => {
    const proxy = createServer((_incoming, outgoing) => outgoing.writeHead(407).end())
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    try {
      const env = { HTTP_PROXY: `http://ada:hunter2@127.0.0.1:${port}` }
      const error = await failureOf('http://gitlab.test', env)
      expect(error).toMatchObject({
        effect: 'none',
        reason: `the proxy 127.0.0.1:${port} (HTTP_PROXY) does not accept the user name and password in its address (407)`,
      })
    } finally {
      proxy.close()
    }
  })
})
