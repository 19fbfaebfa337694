import { type HttpResult, withValue } from './attempt.ts'
import { type HttpHeaders, httpHeaders } from './headers.ts'
import type { Http, SendOptions } from './http.ts'
import { type HttpRequest, type HttpResponse, TransportFailure } from './transport.ts'

export interface ConditionalOptions {
  /** How many responses are kept. Default 200. */
  maxEntries?: number
  /** How many characters of responses are kept. Default 16 Mi. */
  maxLength?: number
}

/**
 * Fields of a 304 that say nothing about the stored response: those of the connection and of the (missing) body
 * (RFC 9111, 3.1 and 3.2).
 */
const NOT_UPDATED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-(length|encoding|type|range))$/

/**
 * Makes GETs conditional: what was read before is requested with `If-None-Match`, and a 304, which costs no rate limit
 * on GitHub, becomes the stored response with the header fields of the 304 (RFC 9111, 4.3.4), among them `Date` and the
 * limits.
 *
 * An instance belongs to one credential of one server.
 */
export class ConditionalHttp {
  readonly #http: Http
  readonly #maxEntries: number
  readonly #maxLength: number
  /** By URL and `Accept`; the one that was used last is at the end. */
  readonly #stored = new Map<string, HttpResponse>()
  #length = 0

  constructor(
    http: Http,
    { maxEntries = 200, maxLength = 16 * 1024 * 1024 }: ConditionalOptions = {},
  ) {
    this.#http = http
    this.#maxEntries = maxEntries
    this.#maxLength = maxLength
  }

  /** As Http.send. Only a GET without conditions of its own is made conditional. */
  async send<T = unknown>(request: HttpRequest, options: SendOptions<T>): Promise<HttpResult<T>> {
    const names = Object.keys(request.headers ?? {}).map((name) => name.toLowerCase())
    if (request.method !== 'GET' || names.some((name) => name.startsWith('if-'))) {
      return await this.#http.send(request, options)
    }
    const key = keyOf(request)
    const stored = this.#stored.get(key)
    const etag = stored?.headers.get('etag')
    const response = await this.#http.send<T>(
      etag ? { ...request, headers: { ...request.headers, 'if-none-match': etag } } : request,
      options,
    )
    if (response.status !== 304 || !stored) {
      if (response.status === 200) this.#store(key, response)
      return response
    }
    const { status, text } = stored
    const updated = { status, text, headers: update(stored.headers, response.headers) }
    this.#store(key, updated)
    const result = options.expect ? withValue(updated, options.expect) : updated
    if (!(result instanceof TransportFailure)) return result
    // Stored by somebody who expected something else.
    this.#forget(key)
    return await this.#http.send(request, options)
  }

  #store(key: string, { status, headers, text }: HttpResponse): void {
    this.#forget(key)
    if (!headers.get('etag') || text.length > this.#maxLength) return
    this.#stored.set(key, { status, headers, text })
    this.#length += text.length
    for (const [oldest] of this.#stored) {
      if (this.#stored.size <= this.#maxEntries && this.#length <= this.#maxLength) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#length -= this.#stored.get(key)?.text.length ?? 0
    this.#stored.delete(key)
  }
}

function keyOf({ url, headers = {} }: HttpRequest): string {
  const accept = Object.entries(headers).find(([name]) => name.toLowerCase() === 'accept')
  return `${url} ${accept?.[1] ?? ''}`
}

function update(stored: HttpHeaders, received: HttpHeaders): HttpHeaders {
  return httpHeaders([...stored, ...[...received].filter(([name]) => !NOT_UPDATED.test(name))])
}
