import { type Clock, systemClock } from '../clock.ts'
import { retryDelay } from './retry-delay.ts'
import { TransportError } from './transport-error.ts'

/** The part of the standard `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpRequest {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string
}

export interface HttpResponse {
  status: number
  headers: Headers
  /** The whole body. */
  text: string
}

/**
 * Which failures are answered by sending the request again.
 * - `repeatable`: every passing one (no answer, 429, 5xx): doing it twice is the same as doing it once.
 * - `once`: only those after which the server has surely done nothing (no connection, 429 and GitHub's form of it).
 */
export type Repetition = 'repeatable' | 'once'

export interface SendOptions {
  repetition: Repetition
  /** When to give up, in milliseconds since the epoch. */
  deadline: number
  signal?: AbortSignal
  /** `json`: a success whose body is something else, cut short or a proxy's page, is no answer. */
  expect?: 'json'
}

export interface HttpOptions {
  fetch?: Fetch
  clock?: Clock
  /** Milliseconds that one attempt may take. Default 10,000. */
  requestTimeout?: number
}

const MAX_REDIRECTS = 3

/** Sends requests with a time limit and the one retry policy of this project. */
export class Http {
  readonly clock: Clock
  readonly #fetch: Fetch
  readonly #requestTimeout: number

  constructor(options: HttpOptions = {}) {
    this.clock = options.clock ?? systemClock
    this.#fetch = options.fetch ?? fetch
    this.#requestTimeout = options.requestTimeout ?? 10_000
  }

  /**
   * Sends a request until it is answered for good.
   *
   * @returns the last answer, whatever its status: a refusal is the caller's to explain
   * @throws TransportError if the last attempt got no complete answer; the signal's reason if it was aborted
   */
  async send(request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
    let { url } = request
    let redirects = 0
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt({ ...request, url }, options)
      const moved =
        result instanceof TransportError ? undefined : movedTo({ ...request, url }, result)
      if (moved !== undefined && redirects++ < MAX_REDIRECTS) {
        url = moved
        continue
      }
      const delay = retryDelay(
        attempt,
        result instanceof TransportError ? undefined : result.headers,
        this.clock.now(),
      )
      const again =
        isPassing(result, options.repetition) && this.clock.now() + delay < options.deadline
      if (!again) {
        if (result instanceof TransportError) throw result
        return result
      }
      await this.clock.sleep(delay, options.signal)
    }
  }

  async #attempt(
    request: HttpRequest,
    options: SendOptions,
  ): Promise<HttpResponse | TransportError> {
    options.signal?.throwIfAborted()
    const left = Math.max(1, options.deadline - this.clock.now())
    const signals = [this.clock.timeout(Math.min(this.#requestTimeout, left))]
    if (options.signal) signals.push(options.signal)
    try {
      const response = await this.#fetch(request.url, {
        method: request.method,
        ...(request.headers && { headers: request.headers }),
        ...(request.body !== undefined && { body: request.body }),
        // fetch would take a token in a header like private-token along to another server.
        redirect: 'manual',
        signal: AbortSignal.any(signals),
      })
      const text = await response.text()
      if (options.expect === 'json' && response.ok && text !== '') JSON.parse(text)
      return { status: response.status, headers: response.headers, text }
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason
      return new TransportError(request.method, request.url, error)
    }
  }
}

function isPassing(result: HttpResponse | TransportError, repetition: Repetition): boolean {
  if (result instanceof TransportError)
    return repetition === 'repeatable' || result.effect === 'none'
  if (isRateLimited(result)) return true
  return repetition === 'repeatable' && result.status >= 500 && result.status !== 501
}

/**
 * Where to send the same request again: GitHub answers so for a repository that was renamed (307, and 308). Only on the
 * same server, because the request carries its token.
 */
function movedTo(
  { method, url }: HttpRequest,
  { status, headers }: HttpResponse,
): string | undefined {
  const location = headers.get('location')
  const isMove = (method === 'GET' ? [301, 302, 303, 307, 308] : [307, 308]).includes(status)
  if (!isMove || !location || !URL.canParse(location, url)) return undefined
  const target = new URL(location, url)
  return target.origin === new URL(url).origin ? target.href : undefined
}

/** 429, or GitHub's 403 that names when to come back. */
function isRateLimited({ status, headers }: HttpResponse): boolean {
  if (status === 429) return true
  return (
    status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0')
  )
}
