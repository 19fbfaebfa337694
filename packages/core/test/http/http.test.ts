import { type Fetch, Http, TransportError } from '@port-dispatch/core/http'
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
  return { fetch, methods }
}

function failure(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}

function status(code: number, headers: Record<string, string> = {}): Response {
  return new Response('{}', { status: code, headers })
}

async function send(answers: Answer[], repetition: 'repeatable' | 'once', timeLimit = 30_000) {
  const clock = new InstantClock()
  const { fetch, methods } = scripted(...answers)
  const http = new Http({ fetch, clock })
  const request = { method: 'POST', url: 'http://sandbox.test/path?secret=1' }
  const result = await http
    .send(request, { repetition, deadline: clock.now() + timeLimit })
    .catch((error: unknown) => error)
  return { result, attempts: methods.length, slept: clock.slept }
}

describe('a request that may be repeated', () => {
  it.each([429, 500, 502, 503, 504])('is sent again after %i', async (code) => {
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

  it('waits longer each time, and gives up at the deadline with the last answer', async () => {
    const { result, slept } = await send([status(503)], 'repeatable', 20_000)
    expect(result).toMatchObject({ status: 503 })
    expect(slept.length).toBeGreaterThan(3)
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(20_000)
    expect(slept[3]).toBeGreaterThan(slept[0] ?? 0)
  })

  it('honours Retry-After in seconds', async () => {
    const { slept } = await send([status(429, { 'retry-after': '7' }), status(200)], 'repeatable')
    expect(slept).toEqual([7_000])
  })

  it('honours Retry-After as a date', async () => {
    const at = new Date(new InstantClock().now() + 4_000).toUTCString()
    const { slept } = await send([status(503, { 'retry-after': at }), status(200)], 'repeatable')
    expect(slept).toEqual([4_000])
  })

  it("waits for the reset of GitHub's rate limit", async () => {
    const reset = String(new InstantClock().now() / 1000 + 12)
    const limited = status(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })
    const { slept } = await send([limited, status(200)], 'repeatable')
    expect(slept).toEqual([12_000])
  })

  it('gives up at once when it would have to wait past the deadline', async () => {
    const { result, slept } = await send([status(429, { 'retry-after': '3600' })], 'repeatable')
    expect(result).toMatchObject({ status: 429 })
    expect(slept).toEqual([])
  })
})

describe('a request that may be sent once', () => {
  it.each([500, 502, 503, 504])('is not sent again after %i', async (code) => {
    expect((await send([status(code), status(200)], 'once')).attempts).toBe(1)
  })

  it('is not sent again after a connection that was cut', async () => {
    const { result, attempts } = await send([failure('ECONNRESET'), status(200)], 'once')
    expect(attempts).toBe(1)
    expect(result).toBeInstanceOf(TransportError)
    expect(result).toMatchObject({ effect: 'unknown' })
  })

  it.each([failure('ECONNREFUSED'), failure('ENOTFOUND'), status(429)])(
    'is sent again when the server has surely not acted on it',
    async (answer) => {
      expect((await send([answer, status(200)], 'once')).result).toMatchObject({ status: 200 })
    },
  )
})

describe('a redirect', () => {
  const moved = (location: string, code = 307) => status(code, { location })

  it('to another place of the same server is followed with method and body', async () => {
    const urls: string[] = []
    const fetch: Fetch = (url, init) => {
      urls.push(`${init.method} ${url} ${init.body}`)
      return Promise.resolve(urls.length === 1 ? moved('/new') : status(200))
    }
    const result = await new Http({ fetch }).send(
      { method: 'POST', url: 'http://sandbox.test/old', body: '{}' },
      { repetition: 'once', deadline: Date.now() + 10_000 },
    )
    expect(result.status).toBe(200)
    expect(urls).toEqual(['POST http://sandbox.test/old {}', 'POST http://sandbox.test/new {}'])
  })

  it('of a GET is followed whatever its kind', async () => {
    const { fetch, methods } = scripted(moved('/new', 301), status(200))
    const result = await new Http({ fetch }).send(
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

describe('a request without an answer', () => {
  it('says what happened, without the query', async () => {
    const { result } = await send([failure('ECONNREFUSED')], 'repeatable', 1)
    expect(result).toMatchObject({
      effect: 'none',
      message: 'POST http://sandbox.test/path got no answer: nothing listens there (ECONNREFUSED)',
    })
  })

  it('is abandoned after the time limit of one request', async () => {
    const http = new Http({
      fetch: (_url, { signal }) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason)),
        ),
      requestTimeout: 20,
    })
    const sent = http.send(
      { method: 'POST', url: 'http://sandbox.test/' },
      { repetition: 'once', deadline: Date.now() + 10_000 },
    )
    await expect(sent).rejects.toThrow('no answer within the time limit')
  })

  it('ends with the reason of the signal that aborted it', async () => {
    const controller = new AbortController()
    const http = new Http({ fetch: () => Promise.reject(failure('ECONNREFUSED')) })
    const sent = http.send(
      { method: 'GET', url: 'http://sandbox.test/' },
      { repetition: 'repeatable', deadline: Date.now() + 10_000, signal: controller.signal },
    )
    controller.abort(new Error('stopped by the user'))
    await expect(sent).rejects.toThrow('stopped by the user')
  })
})
