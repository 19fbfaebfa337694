import {
  type Fetch,
  fetchTransport,
  Http,
  type SendOptions,
  type Transport,
  TransportError,
} from '@port-dispatch/core/http'
import { describe, expect, it } from 'vitest'
import { InstantClock } from '../../../../test/support/instant-clock.ts'

type Answer = Response | Error

/** Answers with what it is given, in turn. */
function scripted(...answers: Answer[]) {
  const methods: string[] = []
  const fetch: Fetch = (_url, init) => {
    methods.push(init.method ?? 'GET')
    const answer = answers[Math.min(methods.length, answers.length) - 1]
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve((answer ?? new Response()).clone())
  }
  return { transport: fetchTransport(fetch), methods }
}

function failure(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

function status(code: number, headers: Record<string, string> = {}): Response {
  return new Response(code === 204 ? null : '{}', { status: code, headers })
}

interface Sent {
  result: unknown
  attempts: number
  slept: number[]
}

async function send(
  answers: Answer[],
  repetition: 'repeatable' | 'once',
  timeLimit = 30_000,
  options: Partial<SendOptions> = {},
): Promise<Sent> {
  const clock = new InstantClock()
  const { transport, methods } = scripted(...answers)
  const http = new Http({ transport, clock, random: () => 0.5 })
  const request = { method: 'POST', url: 'http://sandbox.test/path?secret=1' }
  const result = await http
    .send(request, { repetition, deadline: clock.now() + timeLimit, ...options })
    .catch((error: unknown) => error)
  return { result, attempts: methods.length, slept: clock.slept }
}

/** A transport that does as it is told once its request is about to be sent. */
function controlled(
  act: (signal: AbortSignal, beforeSend: () => void) => Promise<string>,
): Transport {
  return {
    send: async ({ signal, beforeSend }) => ({
      status: 200,
      headers: new Headers(),
      text: await act(signal, beforeSend),
    }),
  }
}

/** Settles when the signal is aborted. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

describe('a request that may be repeated', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('is sent again after %i', async (code) => {
    const { result, attempts } = await send([status(code), status(200)], 'repeatable')
    expect(result).toMatchObject({ status: 200 })
    expect(attempts).toBe(2)
  })

  it.each(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET', 'ENOTFOUND'])(
    'is sent again after %s',
    async (code) => {
      const { result } = await send([failure(code), status(200)], 'repeatable')
      expect(result).toMatchObject({ status: 200 })
    },
  )

  it.each([400, 401, 403, 404, 413, 422, 501])('is not sent again after %i', async (code) => {
    const { result, attempts } = await send([status(code)], 'repeatable')
    expect(result).toMatchObject({ status: code })
    expect(attempts).toBe(1)
  })

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'is not sent again after %s, which would fail again',
    async (code) => {
      const { result, attempts } = await send([failure(code)], 'repeatable')
      expect(result).toMatchObject({ code: 'TRANSPORT', sent: false })
      expect(attempts).toBe(1)
    },
  )

  it('is sent a last time near the deadline, and not in a hurry', async () => {
    const { result, slept } = await send([status(503)], 'repeatable', 20_000)
    expect(result).toMatchObject({ status: 503 })
    expect(slept.slice(0, 5)).toEqual([375, 750, 1_500, 3_000, 6_000])
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(19_000)
  })

  it.each([0, -1, Number.NaN])('is not sent when %d ms are left', async (left) => {
    const { result, attempts } = await send([status(200)], 'repeatable', left)
    expect(result).toMatchObject({
      message:
        'POST http://sandbox.test/path failed: it was not sent: there was no time left to wait for a response',
    })
    expect(attempts).toBe(0)
  })

  it('has never started anything, whatever was lost', async () => {
    const { result } = await send([failure('ECONNRESET')], 'repeatable')
    expect(result).toMatchObject({ effect: 'none', sent: true })
  })
})

describe('what the server says about time', () => {
  const now = new InstantClock().now()
  const date = (ms: number) => new Date(now + ms).toUTCString()
  const epoch = (ms: number) => String((now + ms) / 1000)

  it.each<[string, number, Record<string, string>, number]>([
    ['Retry-After in seconds', 429, { 'retry-after': '7' }, 7_000],
    ['Retry-After of an outage', 503, { 'retry-after': '7' }, 7_000],
    ['Retry-After as a date', 503, { 'retry-after': date(4_000) }, 4_000],
    [
      'Retry-After as a date of a clock that is ahead',
      429,
      { 'retry-after': date(904_000), date: date(900_000) },
      4_000,
    ],
    [
      "the reset of GitHub's limit",
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch(12_000) },
      12_000,
    ],
    [
      "the reset of GitHub's limit by a clock that is behind",
      429,
      {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': epoch(-588_000),
        date: date(-600_000),
      },
      12_000,
    ],
    [
      "the reset of GitLab's limit",
      429,
      { 'RateLimit-Remaining': '0', 'RateLimit-Reset': epoch(9_000) },
      9_000,
    ],
    [
      "the rest of Port's limit",
      429,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '8' },
      8_000,
    ],
    ['Retry-After: 0', 429, { 'retry-after': '0' }, 0],
    ['a date that is past', 429, { 'retry-after': date(-60_000) }, 0],
    [
      'a reset that is past',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': epoch(-5) },
      0,
    ],
    ['a negative time', 429, { 'retry-after': '-5' }, 0],
    ['something that is not a time', 429, { 'retry-after': 'soon' }, 0],
    [
      'a reset although requests remain',
      503,
      { 'x-ratelimit-remaining': '9', 'x-ratelimit-reset': epoch(9_000) },
      0,
    ],
  ])('%s is added to the pause', async (_name, code, headers, asked) => {
    const { slept } = await send([status(code, headers), status(200)], 'repeatable')
    expect(slept).toEqual([asked + 375])
  })

  it.each<Record<string, string>>([
    { 'retry-after': '0' },
    { 'retry-after': date(-86_400_000) },
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' },
  ])('%j is no reason to hurry', async (headers) => {
    for (const repetition of ['repeatable', 'once'] as const) {
      const { attempts } = await send([status(429, headers)], repetition, 60_000)
      expect(attempts).toBeLessThan(16)
    }
  })

  it.each(['3600', '1e9', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'Retry-After: %s past the deadline ends it at once',
    async (retryAfter) => {
      const { result, slept } = await send(
        [status(429, { 'retry-after': retryAfter })],
        'repeatable',
      )
      if (retryAfter === '1e9') expect(slept[0]).toBe(375)
      else expect(slept).toEqual([])
      expect(result).toMatchObject({ status: 429 })
    },
  )

  it("GitHub's secondary limit is waited for", async () => {
    const limited = status(403, { 'retry-after': '60' })
    const { result, slept } = await send([limited, status(200)], 'once', 120_000)
    expect(result).toMatchObject({ status: 200 })
    expect(slept).toEqual([60_375])
  })

  it("GitHub's secondary limit is waited for when it names no time", async () => {
    const text = JSON.stringify({
      message: 'You have exceeded a secondary rate limit. Please wait.',
    })
    const { slept } = await send(
      [new Response(text, { status: 403 }), status(200)],
      'once',
      120_000,
    )
    expect(slept).toEqual([60_375])
  })

  it('a 403 that says nothing of a limit is a refusal', async () => {
    const text = JSON.stringify({ message: 'Resource not accessible by integration' })
    const refused = new Response(text, {
      status: 403,
      headers: { 'x-ratelimit-remaining': '4999' },
    })
    const { attempts, slept } = await send([refused], 'repeatable')
    expect([attempts, slept]).toEqual([1, []])
  })
})

describe('a request that starts something', () => {
  it.each([408, 500, 502, 503, 504])('is not sent again after %i', async (code) => {
    expect((await send([status(code), status(200)], 'once')).attempts).toBe(1)
  })

  it('is not sent again after a connection that was cut', async () => {
    const { result, attempts } = await send([failure('ECONNRESET'), status(200)], 'once')
    expect(attempts).toBe(1)
    expect(result).toBeInstanceOf(TransportError)
    expect(result).toMatchObject({ effect: 'unknown' })
  })

  it.each([failure('ECONNREFUSED'), failure('ENOTFOUND'), status(429)])(
    'is sent again when the server has certainly not acted on it',
    async (answer) => {
      expect((await send([answer, status(200)], 'once')).result).toMatchObject({ status: 200 })
    },
  )

  it('is not sent when its response could not be waited for', async () => {
    const { result, attempts } = await send([status(200)], 'once', 900)
    expect(attempts).toBe(0)
    expect(result).toMatchObject({ effect: 'none', message: expect.stringMatching('not sent') })
  })

  it('is not sent again with less than the whole time for its response', async () => {
    const limited = status(429, { 'retry-after': '52' })
    const { result, attempts } = await send([limited, status(200)], 'once', 60_000)
    expect(attempts).toBe(1)
    expect(result).toMatchObject({ status: 429 })
  })

  it('has all of a short time when it was refused', async () => {
    const { result, attempts } = await send([failure('ECONNREFUSED')], 'once', 6_000)
    expect(attempts).toBeGreaterThan(3)
    expect(result).toMatchObject({ effect: 'none' })
  })
})

describe('a stop', () => {
  it('ends with the reason of the signal, and sends nothing', async () => {
    const { transport, methods } = scripted(status(200))
    const sent = new Http({ transport }).send(
      { method: 'GET', url: 'http://sandbox.test/' },
      {
        repetition: 'repeatable',
        deadline: Date.now() + 10_000,
        signal: AbortSignal.abort(new Error('stopped by the user')),
      },
    )
    await expect(sent).rejects.toThrow('stopped by the user')
    expect(methods).toEqual([])
  })

  it('while it waits to try again ends the waiting', async () => {
    const controller = new AbortController()
    const { transport, methods } = scripted(status(429, { 'retry-after': '3' }))
    const sent = new Http({ transport }).send(
      { method: 'POST', url: 'http://sandbox.test/' },
      { repetition: 'once', deadline: Date.now() + 60_000, signal: controller.signal },
    )
    setTimeout(() => controller.abort(new Error('stopped by the user')), 10)
    await expect(sent).rejects.toThrow('stopped by the user')
    expect(methods).toEqual(['POST'])
  })

  it('while it connects sends nothing', async () => {
    const controller = new AbortController()
    let handedOver = false
    const transport = controlled(async (_signal, beforeSend) => {
      controller.abort(new Error('stopped by the user'))
      beforeSend()
      handedOver = true
      return '{}'
    })
    const sent = new Http({ transport }).send(
      { method: 'POST', url: 'http://sandbox.test/' },
      { repetition: 'once', deadline: Date.now() + 10_000, signal: controller.signal },
    )
    await expect(sent).rejects.toThrow('stopped by the user')
    expect(handedOver).toBe(false)
  })

  it('does not lose the response of a start that was sent', async () => {
    const controller = new AbortController()
    const transport = controlled(async (signal, beforeSend) => {
      beforeSend()
      controller.abort(new Error('stopped by the user'))
      signal.throwIfAborted()
      return '{"id": 7}'
    })
    const result = await new Http({ transport, clock: new InstantClock() }).send(
      { method: 'POST', url: 'http://sandbox.test/' },
      {
        repetition: 'once',
        deadline: new InstantClock().now() + 10_000,
        signal: controller.signal,
        expect: (body) => body,
      },
    )
    expect(result.value).toEqual({ id: 7 })
  })

  it('waits some seconds for it, and then says that the effect is unknown', async () => {
    const controller = new AbortController()
    const clock = new InstantClock()
    const transport = controlled(async (signal, beforeSend) => {
      beforeSend()
      controller.abort(new Error('stopped by the user'))
      clock.expireTimeouts()
      return await ended(signal)
    })
    const begin = clock.now()
    const sent = new Http({ transport, clock }).send(
      { method: 'POST', url: 'http://sandbox.test/' },
      { repetition: 'once', deadline: begin + 10_000, signal: controller.signal },
    )
    await expect(sent).rejects.toMatchObject({
      effect: 'unknown',
      reason: 'the process was stopped while it waited for the response',
    })
    expect(clock.now() - begin).toBe(3_000)
  })

  it('ends a request that starts nothing at once', async () => {
    const controller = new AbortController()
    const transport = controlled(async (signal, beforeSend) => {
      beforeSend()
      controller.abort(new Error('stopped by the user'))
      return await ended(signal)
    })
    const sent = new Http({ transport }).send(
      { method: 'GET', url: 'http://sandbox.test/' },
      { repetition: 'repeatable', deadline: Date.now() + 10_000, signal: controller.signal },
    )
    await expect(sent).rejects.toThrow('stopped by the user')
  })
})

describe('a success that cannot be read', () => {
  const page = (text: string | null, code = 200) => new Response(text, { status: code })
  const id = (body: unknown) =>
    typeof body === 'object' && body !== null && 'id' in body ? { id: body.id } : undefined

  it.each([
    ['', 'is empty'],
    ['<html>Sign in</html>', 'is not JSON'],
    ['{"id": 1', 'is not JSON'],
    [`${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'is not JSON'],
    ['null', 'is not what this API sends'],
    ['{}', 'is not what this API sends'],
    ['[]', 'is not what this API sends'],
  ])('like %j is a lost response', async (text, message) => {
    const lost = await send([page(text)], 'once', 30_000, { expect: id })
    expect(lost).toMatchObject({ attempts: 1, result: { effect: 'unknown' } })
    expect(lost.result).toMatchObject({ message: expect.stringContaining(message) })
    const again = await send([page(text), page('{"id":5}')], 'repeatable', 30_000, { expect: id })
    expect(again).toMatchObject({ attempts: 2, result: { value: { id: 5 } } })
  })

  it("is not a refusal, which is the caller's to read", async () => {
    const { result } = await send([page('<html>', 404)], 'once', 30_000, { expect: id })
    expect(result).toMatchObject({ status: 404, text: '<html>' })
  })

  it('is not one that has no body by definition', async () => {
    const expectNothing = (body: unknown) => (body === undefined ? 'accepted' : undefined)
    const { result } = await send([page(null, 204)], 'once', 30_000, { expect: expectNothing })
    expect(result).toMatchObject({ status: 204, value: 'accepted' })
  })
})

describe('a redirect', () => {
  const moved = (location: string, code = 307) => status(code, { location })

  it('to another place of the same server is followed with method and body', async () => {
    const urls: string[] = []
    const transport = fetchTransport((url, init) => {
      urls.push(`${init.method} ${url} ${init.body}`)
      return Promise.resolve(urls.length === 1 ? moved('/new') : status(200))
    })
    const result = await new Http({ transport }).send(
      { method: 'POST', url: 'http://sandbox.test/old', body: '{}' },
      { repetition: 'once', deadline: Date.now() + 10_000 },
    )
    expect(result.status).toBe(200)
    expect(urls).toEqual(['POST http://sandbox.test/old {}', 'POST http://sandbox.test/new {}'])
  })

  it('of a GET is followed whatever its kind', async () => {
    const { transport, methods } = scripted(moved('/new', 301), status(200))
    const result = await new Http({ transport }).send(
      { method: 'GET', url: 'http://sandbox.test/old' },
      { repetition: 'repeatable', deadline: Date.now() + 10_000 },
    )
    expect(result.status).toBe(200)
    expect(methods).toEqual(['GET', 'GET'])
  })

  it.each([
    ['to another server', moved('http://elsewhere.test/')],
    ['that would lose the body', moved('/new', 302)],
    ['without a place', status(307)],
  ])('%s is not followed', async (_name, answer) => {
    const { result, attempts } = await send([answer], 'once')
    expect(result).toMatchObject({ status: answer.status })
    expect(attempts).toBe(1)
  })

  it('in a circle ends', async () => {
    expect((await send([moved('/path')], 'once')).attempts).toBe(4)
  })
})

describe('a request that cannot be sent', () => {
  it.each([
    ['ghp_token\n', 'ends with a line break'],
    ['ghp\r\ntoken', 'contains a line break'],
    ['ghp_t\u00f6ken\u2019', 'contains a character that an HTTP header cannot carry'],
    ['ghp\u0000token', 'contains a character that an HTTP header cannot carry'],
  ])('with the token %j names the header, not the token', async (token, problem) => {
    const { transport, methods } = scripted(status(200))
    const error = await new Http({ transport })
      .send(
        { method: 'POST', url: 'http://sandbox.test/', headers: { authorization: token } },
        { repetition: 'once', deadline: Date.now() + 10_000 },
      )
      .catch((reason: unknown) => reason)
    expect(methods).toEqual([])
    expect(error).toMatchObject({ code: 'TRANSPORT', effect: 'none' })
    expect(String(error)).toContain(`the value of its header "authorization" ${problem}`)
    expect(String(error)).not.toContain('ghp')
  })

  it.each(['', 'api.port.io/v1', 'file:///etc/passwd', 'http://[::1'])(
    'to %j says so',
    async (url) => {
      const { transport } = scripted(status(200))
      const sent = new Http({ transport }).send(
        { method: 'GET', url },
        { repetition: 'repeatable', deadline: Date.now() + 10_000 },
      )
      await expect(sent).rejects.toThrow('its URL is not a valid HTTP URL')
    },
  )
})

describe('a request without a response', () => {
  it('says what happened, without query and password', async () => {
    const { transport } = scripted(failure('ECONNREFUSED'))
    const sent = new Http({ transport }).send(
      { method: 'POST', url: 'http://ada:pw@sandbox.test/path?secret=1' },
      { repetition: 'repeatable', deadline: Date.now() + 200 },
    )
    await expect(sent).rejects.toMatchObject({
      code: 'TRANSPORT',
      effect: 'none',
      message: 'POST http://sandbox.test/path failed: the connection was refused (ECONNREFUSED)',
    })
  })

  it('never shows the text of a foreign error, which can quote a token', async () => {
    const { result } = await send([new TypeError('invalid header value: Bearer hunter2')], 'once')
    expect(result).toMatchObject({ effect: 'unknown' })
    expect(`${result}`).not.toContain('hunter2')
  })

  it('is abandoned after the time limit of one request', async () => {
    const http = new Http({
      transport: controlled((signal, beforeSend) => {
        beforeSend()
        return ended(signal)
      }),
      requestTimeout: 20,
    })
    const sent = http.send(
      { method: 'POST', url: 'http://sandbox.test/' },
      { repetition: 'once', deadline: Date.now() + 10_000 },
    )
    await expect(sent).rejects.toMatchObject({
      effect: 'unknown',
      reason: 'no response within 20 ms',
    })
  })

  it('has had no effect when it was abandoned before there was a connection', async () => {
    const clock = new InstantClock()
    const http = new Http({
      transport: controlled((signal) => {
        clock.expireTimeouts()
        return ended(signal)
      }),
      clock,
    })
    const sent = http.send(
      { method: 'POST', url: 'http://sandbox.test/' },
      { repetition: 'once', deadline: clock.now() + 15_000 },
    )
    await expect(sent).rejects.toMatchObject({ effect: 'none' })
  })
})
