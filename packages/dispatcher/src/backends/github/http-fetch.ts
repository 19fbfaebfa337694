import { type Fetch, type Http, TransportError } from '@port-dispatch/core/http'

export interface HttpFetchOptions {
  /** Milliseconds that a request with all its repetitions may take. */
  timeLimit: number
}

interface Remembered {
  etag: string
  response: { text: string; headers: Headers }
}

/** Enough for all the pages that one process follows. */
const MAX_REMEMBERED = 200

/**
 * A `fetch` on our retry policy, for client libraries that take one.
 *
 * GETs are repeated and made conditional: what was read before is asked for with `If-None-Match`, and a 304, which
 * costs no rate limit on GitHub, is answered with the remembered body. Other methods are sent once.
 */
export function httpFetch(http: Http, { timeLimit }: HttpFetchOptions): Fetch {
  const remembered = new Map<string, Remembered>()
  return async (url, init) => {
    const method = init.method ?? 'GET'
    const known = method === 'GET' ? remembered.get(url) : undefined
    const headers = Object.fromEntries(new Headers(init.headers))
    if (known) headers['if-none-match'] = known.etag
    const response = await http.send(
      { method, url, headers, ...(typeof init.body === 'string' && { body: init.body }) },
      {
        repetition: method === 'GET' ? 'repeatable' : 'once',
        deadline: http.clock.now() + timeLimit,
        expect: 'json',
        ...(init.signal && { signal: init.signal }),
      },
    )
    if (response.status === 304 && known) {
      // RFC 9111 4.3.4: the header fields of a 304 replace the stored ones.
      const fresh = new Headers(known.response.headers)
      for (const [name, value] of response.headers) fresh.set(name, value)
      known.response = { ...known.response, headers: fresh }
      return new Response(known.response.text, { status: 200, headers: fresh })
    }
    if (response.status > 300 && response.status < 400)
      throw redirected(method, url, response.headers)
    const etag = response.headers.get('etag')
    if (method === 'GET' && response.status === 200 && etag) {
      const [oldest] = remembered.keys()
      if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
      remembered.set(url, { etag, response })
    }
    const body = [204, 205, 304].includes(response.status) ? null : response.text
    return new Response(body, { status: response.status, headers: response.headers })
  }
}

/** To another server, or of a kind that would lose the body. Client libraries take it for a success. */
function redirected(method: string, url: string, headers: Headers): TransportError {
  const cause = new Error(`it redirects to ${headers.get('location') ?? 'nowhere'}`)
  return new TransportError(method, url, Object.assign(cause, { code: 'REDIRECTED' }))
}

/** The transport error within an error of a client library, if that is what went wrong. */
export function transportErrorIn(error: unknown): TransportError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof TransportError) return at
  }
  return undefined
}
