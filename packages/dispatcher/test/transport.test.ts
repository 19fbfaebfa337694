import { execFile } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { promisify } from 'node:util'
import { Http, type SendOptions, TransportError } from '@port-dispatch/core/http'
import { describe, expect, it } from 'vitest'
import { type Certificate, selfSigned } from '../../../test/support/certificate.ts'
import { InstantClock } from '../../../test/support/instant-clock.ts'
import { RawServer } from '../../../test/support/raw-server.ts'
import { createTransport, type TransportOptions } from '../src/network/transport.ts'

const OK =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{"id":"run"}'

interface Sending extends Partial<SendOptions> {
  method?: string
  body?: string
  headers?: Record<string, string>
  env?: Record<string, string>
  maxBytes?: number
  transport?: TransportOptions
  clock?: InstantClock
}

/** Sends one request that starts something. Time passes only when a test lets it. */
async function send(url: string, options: Sending = {}) {
  const {
    method = 'POST',
    body = '{"ref":"main"}',
    headers,
    env = {},
    maxBytes,
    clock = new InstantClock(),
  } = options
  const transport = createTransport(env, options.transport)
  const http = new Http({ transport, clock, ...(maxBytes && { maxBytes }) })
  try {
    return await http.send(
      { method, url, ...(method !== 'GET' && { body }), ...(headers && { headers }) },
      { repetition: 'once', deadline: clock.now() + 12_000, ...options },
    )
  } finally {
    transport.close()
  }
}

async function failureOf(url: string, options?: Sending): Promise<TransportError> {
  const result = await send(url, options).catch((error: unknown) => error)
  if (result instanceof TransportError) return result
  throw new Error(`Expected a failure, got ${JSON.stringify(result)}`)
}

async function serve(listener: RequestListener, certificate?: Certificate, extra: object = {}) {
  const server = certificate
    ? createSecureServer({ ...certificate, ...extra }, listener)
    : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

describe('a request', () => {
  it('arrives as it is, and so does its response', async () => {
    const seen: unknown[] = []
    await using server = await serve(async (incoming, outgoing) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      const { method, url, headers } = incoming
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      outgoing.writeHead(201, { 'X-Ratelimit-Remaining': '7', 'set-cookie': ['a=1', 'b=2'] })
      outgoing.end('\uFEFF{"text":"grüße 👋"}')
    })
    const response = await send(`${server.url}/a/b?c=d%20e#f`, {
      body: '{"name":"Zoë"}',
      headers: { Authorization: 'Bearer t', 'content-type': 'application/json' },
      expect: (body) => body,
    })
    expect(response).toMatchObject({ status: 201, value: { text: 'grüße 👋' } })
    expect(response.headers.get('x-rateLimit-remaining')).toBe('7')
    expect(response.headers.get('set-cookie')).toBe('a=1, b=2')
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/a/b?c=d%20e',
        body: '{"name":"Zoë"}',
        headers: {
          host: new URL(server.url).host,
          connection: 'keep-alive',
          accept: '*/*',
          'user-agent': 'port-dispatch',
          authorization: 'Bearer t',
          'content-type': 'application/json',
          'content-length': '15',
        },
      },
    ])
  })

  it('uses the connection of the one before', async () => {
    const ports = new Set<number | undefined>()
    await using server = await serve((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort)
      outgoing.end('{}')
    })
    const transport = createTransport({})
    const http = new Http({ transport })
    for (let count = 0; count < 3; count++) {
      const options = { repetition: 'once', deadline: Date.now() + 60_000 } as const
      await http.send({ method: 'POST', url: server.url, body: '{}' }, options)
    }
    transport.close()
    expect(ports.size).toBe(1)
  })

  it.each(['GET', 'DELETE', 'PATCH', 'PUT', 'HEAD'])('of the method %s is sent', async (method) => {
    await using server = await serve((incoming, outgoing) => {
      outgoing.setHeader('x-method', incoming.method ?? '')
      outgoing.end()
    })
    const { headers } = await send(server.url, { method })
    expect(headers.get('x-method')).toBe(method)
  })

  it('reads a response of the largest size, and refuses a larger one', async () => {
    await using server = await serve((_incoming, outgoing) => {
      for (let count = 0; count < 4; count++) outgoing.write('x'.repeat(250_000))
      outgoing.end()
    })
    const { text } = await send(server.url, { maxBytes: 1_000_000 })
    expect(text).toHaveLength(1_000_000)
    const error = await failureOf(server.url, { maxBytes: 999_999 })
    expect(error).toMatchObject({
      reason: 'the response is larger than 999999 bytes',
      effect: 'unknown',
    })
  })

  it('ends an endless response at 16 MiB', async () => {
    await using server = await serve((_incoming, outgoing) => {
      const chunk = Buffer.alloc(1 << 20, 'x')
      const more = () => {
        while (!outgoing.destroyed && outgoing.write(chunk));
        outgoing.once('drain', more)
      }
      more()
    })
    const error = await failureOf(server.url)
    expect(error.reason).toBe('the response is larger than 16 MiB')
  })
})

describe('a request that surely never reached the server', () => {
  it('because nothing listens has had no effect', async () => {
    const server = await RawServer.responding(OK)
    const { url } = server
    await server[Symbol.asyncDispose]()
    expect(await failureOf(url)).toMatchObject({
      code: 'TRANSPORT',
      effect: 'none',
      message: `POST ${url}/ failed: the connection was refused (ECONNREFUSED)`,
    })
  })

  it('because the host name is unknown has had no effect', async () => {
    const error = await failureOf('http://nowhere.invalid/')
    expect(error).toMatchObject({
      effect: 'none',
      reason: expect.stringMatching(/host name|name server/),
    })
  })

  it('because the certificate is self-signed has had no effect', async () => {
    await using server = await serve((_incoming, outgoing) => outgoing.end('{}'), selfSigned())
    expect(await failureOf(server.url)).toMatchObject({
      effect: 'none',
      reason: expect.stringContaining('is self-signed; trust it with NODE_EXTRA_CA_CERTS'),
    })
  })

  it('because the certificate is for another name has had no effect', async () => {
    const certificate = selfSigned('DNS:elsewhere.test')
    await using server = await serve((_incoming, outgoing) => outgoing.end('{}'), certificate)
    expect(await failureOf(server.url, { transport: { ca: certificate.cert } })).toMatchObject({
      effect: 'none',
      reason: expect.stringContaining('is for another host name'),
    })
  })

  it('because the server does not speak TLS has had no effect', async () => {
    await using server = await RawServer.start((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n'))
    const error = await failureOf(`https://127.0.0.1:${server.port}`)
    expect(error).toMatchObject({ effect: 'none' })
  })

  it('because the server resets the connection during the TLS handshake has had no effect', async () => {
    await using server = await RawServer.start((socket) => socket.resetAndDestroy())
    const error = await failureOf(`https://127.0.0.1:${server.port}`)
    expect(error).toMatchObject({ effect: 'none' })
  })

  it('because the TLS handshake is never answered has had no effect', async () => {
    const clock = new InstantClock()
    await using server = await RawServer.start(() => clock.expireTimeouts())
    const error = await failureOf(`https://127.0.0.1:${server.port}`, { clock })
    expect(error).toMatchObject({ effect: 'none', reason: 'no connection within 10 s' })
  })
})

describe('a request that may have reached the server', () => {
  const cases: [string, (socket: Socket, clock: InstantClock) => void][] = [
    ['closes the connection', (socket) => socket.end()],
    ['resets the connection', (socket) => socket.resetAndDestroy()],
    [
      'closes it in the middle of the headers',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
    ],
    [
      'closes it in the middle of the body',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":'),
    ],
    [
      'closes it in the middle of a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"id":'),
    ],
    ['sends what is not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['sends an invalid header', (socket) => socket.end('HTTP/1.1 200 OK\r\nbad header\r\n\r\n{}')],
    [
      'contradicts itself about the length',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
    ],
    [
      'sends endless headers',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}\r\n\r\n{}`),
    ],
    [
      'sends a compressed body',
      (socket) =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}'),
    ],
    [
      'changes to another protocol',
      (socket) =>
        socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    ],
    ['sends nothing', (_socket, clock) => clock.expireTimeouts()],
    [
      'sends the body too slowly',
      (socket, clock) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"', () => clock.expireTimeouts())
      },
    ],
  ]

  it.each(cases)('has an unknown effect when the server %s', async (_name, behave) => {
    const clock = new InstantClock()
    await using server = await RawServer.start((socket, received) => {
      if (received.includes('"main"}')) behave(socket, clock)
    })
    const error = await failureOf(server.url, { clock })
    expect(error).toMatchObject({ code: 'TRANSPORT', effect: 'unknown', sent: true })
    expect(server.connections).toBe(1)
  })

  it.each(cases)('and only reads has had none when the server %s', async (_name, behave) => {
    const clock = new InstantClock()
    await using server = await RawServer.start((socket, received) => {
      if (received.includes('\r\n\r\n')) behave(socket, clock)
    })
    const error = await failureOf(server.url, { method: 'GET', repetition: 'repeatable', clock })
    expect(error).toMatchObject({ effect: 'none' })
    expect(server.connections).toBeLessThan(8)
  })

  const unfinished: [what: string, behave: (socket: Socket, clock: InstantClock) => void][] = [
    ['never ends', (_socket, clock) => clock.expireTimeouts()],
    ['is cut short', (socket) => socket.end()],
    ['breaks off', (socket) => socket.resetAndDestroy()],
    ['is longer than it can be', (socket) => socket.write('x'.repeat(2_000))],
  ]

  it.each(unfinished)(
    'is a refusal with its status, although its body %s',
    async (_what, behave) => {
      const clock = new InstantClock()
      await using server = await RawServer.start((socket, received) => {
        if (!received.includes('"main"}')) return
        const head = 'HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 9000\r\n\r\n'
        socket.write(`${head}{"message": "Wor`, () => setTimeout(() => behave(socket, clock), 20))
      })
      const result = await send(server.url, { clock, maxBytes: 1_000 })
      expect(result).toMatchObject({ status: 422, cut: true })
      expect(result.text).toContain('"Wor')
      expect(server.connections).toBe(1)
    },
  )

  it('is a success when the server closes the connection after all of the response', async () => {
    await using server = await RawServer.responding(OK)
    expect(await send(server.url)).toMatchObject({ status: 200, text: '{"id":"run"}' })
  })

  it('is a success when the body ends with the connection', async () => {
    await using server = await RawServer.responding('HTTP/1.0 200 OK\r\n\r\n{"id":"run"}')
    expect(await send(server.url)).toMatchObject({ status: 200, text: '{"id":"run"}' })
  })

  it('is a success when more comes than was announced', async () => {
    await using server = await RawServer.responding(`${OK}HTTP/1.1 500 Oops\r\n\r\ngarbage`, 'keep')
    expect(await send(server.url)).toMatchObject({ status: 200, text: '{"id":"run"}' })
    expect(await send(server.url)).toMatchObject({ status: 200 })
  })
})

describe('a stop', () => {
  it('before the connection is there sends nothing', async () => {
    const stop = new AbortController()
    await using server = await RawServer.start(() => stop.abort(new Error('SIGTERM')))
    const sent = send(`https://127.0.0.1:${server.port}`, { signal: stop.signal })
    await expect(sent).rejects.toThrow('SIGTERM')
    expect(server.received.join('')).not.toContain('POST')
  })

  it('after a start was sent waits for its response', async () => {
    const stop = new AbortController()
    await using server = await RawServer.start((socket, received) => {
      if (!received.includes('"main"}')) return
      stop.abort(new Error('SIGTERM'))
      setTimeout(() => socket.end(OK), 50)
    })
    expect(await send(server.url, { signal: stop.signal })).toMatchObject({ status: 200 })
  })
})

describe('a process', () => {
  it('ends after its last word, although the server keeps the connection', async () => {
    await using server = await RawServer.responding(OK, 'keep')
    const program = `
      import { createTransport } from ${JSON.stringify(new URL('../src/network/transport.ts', import.meta.url).href)}
      const signal = new AbortController().signal
      const request = { method: 'GET', url: process.argv[1], signal, maxBytes: 100, beforeSend() {} }
      console.log((await createTransport({}).send(request)).text)`
    const args = ['--conditions=port-dispatch-source', '--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, [...args, server.url])
    expect(stdout).toBe('{"id":"run"}\n')
  })
})

describe('TLS', () => {
  it('trusts an authority that is named', async () => {
    const certificate = selfSigned()
    await using server = await serve((_incoming, outgoing) => outgoing.end('{}'), certificate)
    expect(await send(server.url, { transport: { ca: certificate.cert } })).toMatchObject({
      status: 200,
    })
    const byName = `https://localhost:${server.port}`
    expect(await send(byName, { transport: { ca: certificate.cert } })).toMatchObject({
      status: 200,
    })
  })

  it('shows the certificate of the client', async () => {
    const ours = selfSigned()
    const theirs = selfSigned()
    await using server = await serve((_incoming, outgoing) => outgoing.end('{}'), theirs, {
      requestCert: true,
      rejectUnauthorized: true,
      ca: [ours.cert],
    })
    const ca = theirs.cert
    expect(await send(server.url, { transport: { ca, ...ours } })).toMatchObject({ status: 200 })
    expect(await failureOf(server.url, { transport: { ca } })).toBeInstanceOf(TransportError)
  })
})
