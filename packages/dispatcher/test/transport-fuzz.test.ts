import { Http, TransportError } from '@port-dispatch/core/http'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { InstantClock } from '../../../test/support/instant-clock.ts'
import { RawServer } from '../../../test/support/raw-server.ts'
import { createTransport } from '../src/network/transport.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'content-length: 5',
      'content-length: -1',
      'content-length: 99999999999999999999',
      'content-length: 0',
      'transfer-encoding: chunked',
      'transfer-encoding: gzip, chunked',
      'connection: close',
      'connection: upgrade',
      'upgrade: h2c',
      'content-encoding: gzip',
      'retry-after: -0',
      'retry-after: 1e99',
      'date: never',
      'x-ratelimit-remaining: 0',
      'x-ratelimit-reset: NaN',
      'location: //',
      'location: http://[',
      'etag: "',
      'set-cookie: a',
      '__proto__: x',
      'constructor: y',
      ': empty',
      'a b: c',
      ' folded',
    ),
  },
  fc.string({ maxLength: 40 }),
)
const statusLine = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(200, 201, 204, 205, 206, 301, 304, 307, 400, 403, 429, 500, 503, 599)
      .map((code) => `HTTP/1.1 ${code} x`),
  },
  fc.constantFrom(
    'HTTP/1.1 100 Continue',
    'HTTP/1.1 101 Switching',
    'HTTP/1.0 200',
    'HTTP/2 200',
    'HTTP/1.1 0 x',
    'HTTP/1.1 9999 x',
    'ICY 200 OK',
  ),
  fc.string({ maxLength: 20 }),
)
const body = fc.oneof(
  bytes,
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom('', 'null', '{"id":', '<html>', '5\r\n{"a"}\r\n0\r\n\r\n', 'zz\r\n')
    .map((text) => Buffer.from(text)),
)
const response = fc
  .tuple(statusLine, fc.array(line, { maxLength: 5 }), body)
  .map(([status, lines, rest]) =>
    Buffer.concat([Buffer.from(`${[status, ...lines].join('\r\n')}\r\n\r\n`, 'latin1'), rest]),
  )

it('whatever a server sends, a request ends with a response or with an error that says nothing secret', async () => {
  let next: Buffer = Buffer.alloc(0)
  let round = 0
  let requests = 0
  await using server = await RawServer.start((socket, received) => {
    if (!received.endsWith('"main"}')) return
    // What is still under way from the round before does not count.
    if (received.includes(`/dispatches/${round} `)) requests++
    socket.end(next)
  })
  const property = fc.asyncProperty(fc.oneof(response, bytes), async (reply) => {
    next = reply
    round++
    requests = 0
    const clock = new InstantClock()
    const transport = createTransport({})
    const sent = new Http({ transport, clock }).send(
      {
        method: 'POST',
        url: `${server.url}/dispatches/${round}`,
        headers: { authorization: 'Bearer hunter2' },
        body: '{"ref":"main"}',
      },
      { repetition: 'once', deadline: clock.now() + 30_000, expect: (value) => value },
    )
    const result = await sent.catch((error: unknown) => error)
    transport.close()
    if (result instanceof TransportError) {
      expect(result.effect).toBe('unknown')
      expect(JSON.stringify([result.message, result.cause])).not.toContain('hunter2')
      expect(requests).toBe(1)
    } else {
      expect(result).toMatchObject({ status: expect.any(Number), text: expect.any(String) })
      expect(requests).toBeLessThan(10)
    }
  })
  await fc.assert(property, { numRuns: 400 })
})
