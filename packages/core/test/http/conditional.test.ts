import { ConditionalHttp, fetchTransport, Http } from '@port-dispatch/core/http'
import { describe, expect, it } from 'vitest'

const OPTIONS = { repetition: 'repeatable', expect: (body: unknown) => body } as const

/** A server with one ETag for everything, unless told otherwise. */
function world(options: { maxEntries?: number; maxLength?: number } = {}) {
  const seen: string[] = []
  const server = { etag: '"1"', text: '{"n":1}', requests: 0 }
  const http = new Http({
    transport: fetchTransport((url, init) => {
      const headers = new Headers(init.headers)
      const known = headers.get('if-none-match')
      seen.push(`${init.method} ${new URL(url).pathname} ${known ?? '-'}`)
      const fields = {
        etag: server.etag,
        date: `Mon, 02 Nov 2026 09:30:${String(server.requests).padStart(2, '0')} GMT`,
        'x-ratelimit-remaining': String(100 - server.requests++),
      }
      return Promise.resolve(
        known === server.etag
          ? new Response(null, {
              status: 304,
              headers: { ...fields, 'content-type': 'text/plain' },
            })
          : new Response(server.text, {
              headers: { ...fields, 'content-type': 'application/json' },
            }),
      )
    }),
  })
  const conditional = new ConditionalHttp(http, options)
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    conditional.send(
      { method, url: `http://sandbox.test${path}`, headers },
      { ...OPTIONS, deadline: Date.now() + 10_000 },
    )
  return { server, seen, get }
}

describe('a response that was read before', () => {
  it('is requested with its ETag, and a 304 gives it again', async () => {
    const { get, seen } = world()
    expect((await get('/a')).value).toEqual({ n: 1 })
    expect(await get('/a')).toMatchObject({ status: 200, text: '{"n":1}', value: { n: 1 } })
    expect(seen).toEqual(['GET /a -', 'GET /a "1"'])
  })

  it('has the date and the limits of the 304, and the type of the stored body', async () => {
    const { get } = world()
    await get('/a')
    await get('/a')
    const { headers } = await get('/a')
    expect(headers.get('Date')).toBe('Mon, 02 Nov 2026 09:30:02 GMT')
    expect(headers.get('x-ratelimit-remaining')).toBe('98')
    expect(headers.get('content-type')).toBe('application/json')
  })

  it('is replaced by a new one', async () => {
    const { get, server } = world()
    await get('/a')
    Object.assign(server, { etag: '"2"', text: '{"n":2}' })
    expect((await get('/a')).value).toEqual({ n: 2 })
    expect((await get('/a')).value).toEqual({ n: 2 })
  })

  it('is not mixed up with another form of it, or with another method', async () => {
    const { get, seen } = world()
    await get('/a', { Accept: 'application/json' })
    await get('/a', { accept: 'text/plain' })
    await get('/a', {}, 'POST')
    expect(seen).toEqual(['GET /a -', 'GET /a -', 'POST /a -'])
  })

  it('is forgotten when there are too many, the one that was used longest ago first', async () => {
    const { get, seen } = world({ maxEntries: 2 })
    for (const path of ['/a', '/b', '/a', '/c', '/a', '/b']) await get(path)
    expect(seen.slice(-2)).toEqual(['GET /a "1"', 'GET /b -'])
  })

  it('is forgotten when all together are too long', async () => {
    const { get, seen, server } = world({ maxLength: 25 })
    server.text = '{"text":"12345"}'
    for (const path of ['/a', '/b', '/b', '/a']) await get(path)
    expect(seen).toEqual(['GET /a -', 'GET /b -', 'GET /b "1"', 'GET /a -'])
  })
})

describe("a caller's own condition", () => {
  it('is left alone, with its 304', async () => {
    const { get } = world()
    expect(await get('/a', { 'If-None-Match': '"1"' })).toMatchObject({ status: 304, text: '' })
  })
})
