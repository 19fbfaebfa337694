import { brotliCompressSync, gzipSync } from 'node:zlib'
import { BackendError, UnsettledError } from '@port-dispatch/dispatcher'
import { describe, expect, it } from 'vitest'
import { InstantClock } from '../../../../test/support/instant-clock.ts'
import { RawServer } from '../../../../test/support/raw-server.ts'
import { Receiver } from '../../../../test/support/receiver.ts'
import { failureOf, send } from './send.ts'

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

describe('an asynchronous webhook', () => {
  it('is accepted with 2xx, and the receiver reports the end', async () => {
    await using receiver = await Receiver.responding(202)

    const { started, outcome } = await send({ method: { url: `${receiver.url}/hook` } })

    expect(started).toEqual({
      type: 'accepted',
      message: `POST ${receiver.url}/hook: 202 Accepted after 0 ms. The receiver reports how the run ends.`,
    })
    expect(outcome).toBeUndefined()
  })

  it('is refused with any other status, with the first lines of the response', async () => {
    const body = ['no such', ' service\u0007\u001b[31m', 'c', 'd', 'e', 'f', 'g'].join('\r\n')
    await using receiver = await Receiver.responding(422, body)

    const error = await failureOf({ method: { url: receiver.url } })

    expect(error).toBeInstanceOf(BackendError)
    expect(error).toMatchObject({
      status: 422,
      effect: 'none',
      label: '422 Unprocessable Entity',
      message: `The webhook did not accept the request. POST ${receiver.url}/: 422 Unprocessable Entity after 0 ms.\n  no such\n  service\n  c\n  d\n  e\n  …`,
    })
  })

  it('shows of a page only its title', async () => {
    const page = '<!doctype html><html><title>Bad\ngateway</title><body>…</body></html>'
    await using receiver = await Receiver.responding(502, page)

    expect(await failureOf({ method: { url: receiver.url } })).toMatchObject({
      message: expect.stringMatching(
        /502 Bad Gateway after 0 ms\.\n {2}\(a page: Bad\n {2}gateway\)$/,
      ),
    })
  })

  const BASIC = Buffer.from('token-of-user-0123:password-1').toString('base64')

  it('never shows a secret that the receiver repeats', async () => {
    await using receiver = await Receiver.start((response, { headers, path }) => {
      response.writeHead(400)
      response.end(`${headers.authorization} ${path} password-1 ${BASIC} token-of-user-0123`)
    })
    const url = new URL(`${receiver.url}/?key=key-of-the-query`)
    url.username = 'token-of-user-0123'
    url.password = 'password-1'

    const error = await failureOf({
      method: { url: url.href, headers: { Authorization: 'Bearer token-of-the-header' } },
    })

    expect(`${error}`).toContain('400 Bad Request')
    expect(`${error}`).not.toMatch(/token-of|key-of-the-query|password-1/)
    expect(`${error}`).not.toContain(BASIC.slice(0, 12))
  })

  it('is accepted with the status, whatever becomes of the body', async () => {
    const clock = new InstantClock()
    await using endless = await Receiver.start((response) => {
      response.writeHead(200)
      const more = () => void (response.destroyed || response.write('x'.repeat(65_536), more))
      more()
    })
    await using cutShort = await RawServer.responding(`${HEAD}content-length: 100\r\n\r\n{"a"`)
    await using slow = await RawServer.start((socket) => {
      socket.write(`${HEAD}content-length: 100\r\n\r\n{"a"`)
      setTimeout(() => clock.expireTimeouts(), 50)
    })

    for (const { url } of [endless, cutShort, slow]) {
      const { started } = await send({ method: { url }, clock })
      expect(started).toMatchObject({ type: 'accepted' })
    }
  })
})

describe('a synchronized webhook', () => {
  it.each([
    [200, { id: 7 }, 'SUCCESS', '200 OK', { id: 7 }],
    [201, '[1,2]', 'SUCCESS', '201 Created', [1, 2]],
    [204, '', 'SUCCESS', '204 No Content', undefined],
    [200, 'deployed', 'SUCCESS', '200 OK', 'deployed'],
    [200, '"quoted"', 'SUCCESS', '200 OK', '"quoted"'],
    [302, 'elsewhere', 'FAILURE', '302 Found', 'elsewhere'],
    [404, { error: 'unknown' }, 'FAILURE', '404 Not Found', { error: 'unknown' }],
    [500, 'boom', 'FAILURE', '500 Internal Server Error', 'boom'],
    [599, 'odd', 'FAILURE', '599', 'odd'],
  ])('ends with its status %i', async (status, body, portStatus, statusLabel, saved) => {
    await using receiver = await Receiver.responding(status, body)

    const { started, outcome } = await send({
      method: { url: receiver.url, synchronized: true },
    })

    expect(outcome).toEqual({ status: portStatus, statusLabel })
    expect(started).toMatchObject({
      type: 'ended',
      message: expect.stringContaining(`POST ${receiver.url}/: ${statusLabel} after 0 ms.`),
    })
    expect('response' in started ? started.response : undefined).toEqual(saved)
  })

  const LATIN = Buffer.from('Größe', 'latin1')
  it.each([
    ['compressed JSON', 'application/json', 'gzip', gzipSync('{"id":7}'), { id: 7 }],
    ['text compressed by another method', 'text/plain', 'br', brotliCompressSync('done'), 'done'],
    ['text of another character set', 'text/plain; charset=iso-8859-1', '', LATIN, 'Größe'],
    ['text of a character set that nobody knows', 'text/plain; charset=x-y', '', 'Größe', 'Größe'],
    ['bytes', 'image/png', '', Buffer.from([137, 80, 0, 255]), '(not text: image/png)'],
    ['text that names no such set', 'text/plain', '', LATIN, '(not text: text/plain)'],
  ])('keeps %s in a form that can be read', async (_what, type, encoding, body, saved) => {
    await using receiver = await Receiver.start((response) => {
      response.writeHead(200, {
        'content-type': type,
        ...(encoding && { 'content-encoding': encoding }),
      })
      response.end(body)
    })
    const { started } = await send({ method: { url: receiver.url, synchronized: true } })
    expect(started).toMatchObject({ response: saved })
  })

  it('is done with its status, although its response unpacks to more than is read', async () => {
    await using receiver = await Receiver.start((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(gzipSync('x'.repeat(50_000_000)))
    })
    const { started } = await send({ method: { url: receiver.url, synchronized: true } })
    expect(started).toMatchObject({ type: 'ended', outcome: { status: 'SUCCESS' } })
  })

  it('keeps the start of a response that Port would not take whole', async () => {
    await using receiver = await Receiver.responding(200, '\u0001'.repeat(300_000))

    const { started } = await send({ method: { url: receiver.url, synchronized: true } })

    const { response } = started.type === 'ended' ? started : {}
    expect(response).toSatisfy((text: string) => text.endsWith('\u0001\n… (cut)'))
    expect(Buffer.byteLength(JSON.stringify(response))).toBeLessThan(1_000_000)
  })
})

describe('a redirect', () => {
  it('is followed on the same server, with method, body and signature', async () => {
    await using receiver = await Receiver.start((response, { path }) => {
      if (path === '/old') response.writeHead(308, { location: '/new' }).end()
      else response.writeHead(202).end()
    })

    await send({ method: { url: `${receiver.url}/old`, body: { a: 1 } } })

    const [first, second] = receiver.received
    expect(second).toMatchObject({ method: 'POST', path: '/new', body: first?.body })
    expect(second?.headers).toEqual(first?.headers)
  })

  it('to another server is not followed, and named without its query', async () => {
    await using other = await Receiver.responding(202)
    await using receiver = await Receiver.responding(307, '', {
      location: `${other.url}/x?token=1`,
    })

    const error = await failureOf({ method: { url: receiver.url } })

    expect(error).toMatchObject({
      status: 307,
      message: expect.stringContaining(
        `It redirects to ${other.url}/x; redirects are followed on the same host and with the same method only.`,
      ),
    })
    expect(other.received).toEqual([])
  })
})

describe('a webhook is never sent twice', () => {
  it('when the connection breaks after the request: what became of it is unknown', async () => {
    await using receiver = await Receiver.start((response) => response.destroy())

    const error = await failureOf({ method: { url: receiver.url } })

    expect(error).toBeInstanceOf(UnsettledError)
    expect(error).toMatchObject({
      effect: 'unknown',
      message: `POST ${receiver.url}/ failed: the connection was closed too early (ECONNRESET). It is unknown whether the receiver acted on the request, whose Idempotency-Key was r_1.`,
    })
    expect(receiver.received).toHaveLength(1)
  })

  it('when no response comes in time', async () => {
    const clock = new InstantClock()
    await using receiver = await Receiver.start(() => clock.expireTimeouts())

    const error = await failureOf({ method: { url: receiver.url }, clock })

    expect(error).toMatchObject({
      effect: 'unknown',
      message: expect.stringContaining('no response within 30 s. It is unknown whether'),
    })
    expect(receiver.received).toHaveLength(1)
  })

  it.each([
    [500, {}],
    [502, { 'retry-after': '1' }],
    [503, {}],
    [429, {}],
    [403, { 'retry-after': '1' }],
    [408, { 'retry-after': '1' }],
  ])('with status %i and headers %j', async (status, headers: Record<string, string>) => {
    await using receiver = await Receiver.responding(status, '', headers)

    expect(await failureOf({ method: { url: receiver.url } })).toMatchObject({ status })
    expect(receiver.received).toHaveLength(1)
  })

  it.each([429, 503])('except that the receiver says when to come back (%i)', async (status) => {
    const clock = new InstantClock()
    await using receiver = await Receiver.start((response, _request, index) => {
      if (index === 0) response.writeHead(status, { 'retry-after': '20' }).end()
      else response.writeHead(202).end()
    })

    expect((await send({ method: { url: receiver.url }, clock })).started.type).toBe('accepted')

    const [first, second] = receiver.received
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers).toEqual(first?.headers)
    const [slept = 0] = clock.slept
    expect(slept).toBeGreaterThan(20_000)
    expect(slept).toBeLessThan(21_000)
  })

  it('and not if that is too late', async () => {
    const clock = new InstantClock()
    await using receiver = await Receiver.responding(503, 'later', { 'retry-after': '3600' })

    expect(await failureOf({ method: { url: receiver.url }, clock })).toMatchObject({
      status: 503,
    })
    expect(receiver.received).toHaveLength(1)
  })

  it('except that nothing listens: it was not sent, and is tried for a minute', async () => {
    const clock = new InstantClock()
    const gone = await Receiver.responding(202)
    const { url } = gone
    await gone[Symbol.asyncDispose]()

    const error = await failureOf({ method: { url }, clock })

    expect(error).toBeInstanceOf(BackendError)
    expect(error).not.toBeInstanceOf(UnsettledError)
    expect(error).toMatchObject({
      effect: 'none',
      message: `POST ${url}/ failed: the connection was refused (ECONNREFUSED).`,
    })
    expect(clock.slept.length).toBeGreaterThan(5)
    expect(clock.slept.reduce((sum, ms) => sum + ms)).toBeLessThan(90_000)
  })
})

describe('a webhook that may be sent again with the same key', () => {
  const webhook = { retry: 'same-key' } as const

  it.each([
    ['the connection breaks', (response: { destroy(): void }) => response.destroy()],
    [
      'the receiver fails',
      (response: { writeHead(status: number): { end(): void } }) => response.writeHead(502).end(),
    ],
  ])('is sent again when %s', async (_what, fail) => {
    await using receiver = await Receiver.start((response, _request, index) => {
      if (index === 0) fail(response)
      else response.writeHead(202).end()
    })

    expect((await send({ method: { url: receiver.url }, webhook })).started.type).toBe('accepted')

    const [first, second] = receiver.received
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers['idempotency-key']).toBe('r_1')
  })

  it('is not sent again after a refusal', async () => {
    await using receiver = await Receiver.responding(400)

    expect(await failureOf({ method: { url: receiver.url }, webhook })).toMatchObject({
      status: 400,
    })
    expect(receiver.received).toHaveLength(1)
  })

  it('is unknown if one of the requests may have arrived, although the last one did not', async () => {
    const receiver = await Receiver.start((response) => {
      response.destroy()
      void receiver[Symbol.asyncDispose]()
    })

    const error = await failureOf({ method: { url: receiver.url }, webhook })

    expect(error).toBeInstanceOf(UnsettledError)
    expect(receiver.received).toHaveLength(1)
  })
})

describe('a stop', () => {
  it('before anything is sent prevents the request', async () => {
    await using receiver = await Receiver.responding(202)

    const error = await failureOf({ method: { url: receiver.url }, signal: AbortSignal.abort() })

    expect(error).toMatchObject({ code: 'STOPPED' })
    expect(receiver.received).toEqual([])
  })

  it('while the response is awaited waits for it a little longer', async () => {
    const stop = new AbortController()
    await using receiver = await Receiver.start((response) => {
      stop.abort()
      setTimeout(() => response.writeHead(202).end(), 20)
    })

    const { started } = await send({ method: { url: receiver.url }, signal: stop.signal })

    expect(started.type).toBe('accepted')
  })
})
