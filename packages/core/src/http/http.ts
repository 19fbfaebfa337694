import { type Clock, systemClock } from '../clock.ts'
import { type AttemptOptions, attempt, type Expect, type HttpResult } from './attempt.ts'
import { backoff, RETRY_CURVE } from './backoff.ts'
import { fetchTransport } from './fetch-transport.ts'
import { headersProblem } from './headers.ts'
import { rateLimitDelay, requestedDelay } from './server-time.ts'
import {
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportFailure,
} from './transport.ts'
import { TransportError } from './transport-error.ts'
import { type OnWait, WaitObserver } from './waiting.ts'

/**
 * Which failures are answered by sending the request again.
 * - `repeatable`: every passing one (no complete response, 408, 425, 429, 5xx): sent twice, it does the same as once.
 * - `once`: a request that starts something. Only those after which the server has certainly done nothing (no
 *   connection, 429 and GitHub's form of it).
 * - `keyed`: a request that starts something and carries an idempotency key, by which the server recognises a repetition:
 *   every passing one.
 */
export type Repetition = 'repeatable' | 'once' | 'keyed'

export interface SendOptions<T = unknown> {
  repetition: Repetition
  /** When to give up, in milliseconds since the epoch. */
  deadline: number
  /**
   * Ends all waiting and prevents that anything else is sent. A request that starts something and has been sent gets 3 s
   * more for its response, or as long as a {@link GentleStop} says.
   */
  signal?: AbortSignal | undefined
  /** Milliseconds that one attempt may take. Default: that of the Http. */
  timeout?: number
  /** Reads a success (2xx). Without it the body can be anything. */
  expect?: Expect<T>
  /** Which responses are passing, instead of those that `repetition` names. */
  isPassing?: (response: HttpResponse) => boolean
  /** `start`: the status is what matters. A body that is too long, too slow or cut short does not make it a failure. */
  reading?: 'whole' | 'start'
}

export interface HttpOptions {
  /** Default: the global `fetch`. */
  transport?: Transport
  clock?: Clock
  /** Milliseconds that one attempt may take. Default 10,000. */
  requestTimeout?: number
  /** The longest body of a response, in bytes. Default 16 MiB. */
  maxBytes?: number
  /** Gives numbers from 0 to 1, for the jitter of pauses. */
  random?: () => number
  /** Called when a request takes long. */
  onWait?: OnWait | undefined
  /** Called when a request is about to be sent again. */
  onRetry?: (() => void) | undefined
}

const MAX_REDIRECTS = 3
/** The last attempt of a repeatable request gets at least this much time. */
const LAST_ATTEMPT_MS = 1_000
/** No pause is shorter, whatever the server says. */
const MIN_PAUSE_MS = 100

/** Sends requests with a time limit and the one retry policy of this project. */
export class Http {
  readonly clock: Clock
  readonly #transport: Transport
  readonly #requestTimeout: number
  readonly #maxBytes: number
  readonly #random: () => number
  readonly #onWait: OnWait | undefined
  readonly #onRetry: () => void

  constructor(options: HttpOptions = {}) {
    this.clock = options.clock ?? systemClock
    this.#transport = options.transport ?? fetchTransport()
    this.#requestTimeout = options.requestTimeout ?? 10_000
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024
    this.#random = options.random ?? Math.random
    this.#onWait = options.onWait
    this.#onRetry = options.onRetry ?? (() => {})
  }

  /**
   * Sends a request until there is a final response.
   *
   * @returns the last response, whatever its status: a refusal is the caller's to explain
   * @throws TransportError if the last attempt got no complete and readable response, or there was no time to send it;
   *   the signal's reason if it was aborted while nothing was under way that starts something
   */
  async send<T = unknown>(request: HttpRequest, options: SendOptions<T>): Promise<HttpResult<T>> {
    const { signal } = options
    const problem = requestProblem(request)
    if (problem) throw new TransportError(request, `it was not sent: ${problem}`, { sent: false })
    const observer = this.#onWait && new WaitObserver(request, this.clock, this.#onWait)
    let to = request
    let redirects = 0
    let sent = false
    const begin = this.clock.now()
    try {
      for (let pauses = 0; ; ) {
        signal?.throwIfAborted()
        observer?.attempted()
        const result = await attempt(to, this.#boundsOf(options))
        observer?.responded()
        const moved = result instanceof TransportFailure ? undefined : movedTo(to, result)
        if (moved !== undefined && redirects++ < MAX_REDIRECTS) {
          to = { ...to, url: moved }
          continue
        }
        if (result instanceof TransportFailure) sent ||= result.sent
        const pause = isPassing(result, options)
          ? this.#pause(pauses++, result, options, begin)
          : undefined
        if (pause === undefined) {
          if (!(result instanceof TransportFailure)) return result
          const starts = startsSomething(options)
          throw new TransportError(to, result.message, { sent, starts, cause: result })
        }
        this.#onRetry()
        observer?.retry(result, options.deadline)
        await this.clock.sleep(pause, signal)
      }
    } finally {
      observer?.over()
    }
  }

  #boundsOf<T>(options: SendOptions<T>): AttemptOptions<T> {
    const { deadline, timeout = this.#requestTimeout, signal, expect, reading } = options
    return {
      transport: this.#transport,
      clock: this.clock,
      maxBytes: this.#maxBytes,
      starts: startsSomething(options),
      deadline,
      timeout,
      signal,
      expect,
      reading,
    }
  }

  /**
   * How long to wait before the next attempt; undefined if it would come too late.
   *
   * The server's word is a minimum that is added to the backoff. Where the backoff alone would exceed the time that is
   * left, a repeatable request is sent a last time near the end of it.
   */
  #pause(
    pauses: number,
    result: HttpResponse | TransportFailure,
    options: SendOptions,
    begin: number,
  ): number | undefined {
    const { deadline, timeout = this.#requestTimeout } = options
    const now = this.clock.now()
    const minimum =
      result instanceof TransportFailure
        ? 0
        : (rateLimitDelay(result, now) ?? requestedDelay(result.headers, now) ?? 0)
    const pause = minimum + Math.max(MIN_PAUSE_MS, backoff(pauses, RETRY_CURVE, this.#random))
    const left = deadline - now
    if (startsSomething(options)) {
      // With less time its response could be lost, and nothing would be known any more.
      return pause + Math.min(timeout, (deadline - begin) / 2) <= left ? pause : undefined
    }
    if (pause + LAST_ATTEMPT_MS <= left) return pause
    const last = left - LAST_ATTEMPT_MS
    return last >= minimum + MIN_PAUSE_MS ? last : undefined
  }
}

function requestProblem({ url, headers = {} }: HttpRequest): string | undefined {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return 'its URL is not a valid HTTP URL'
  return headersProblem(headers)
}

function startsSomething({ repetition }: SendOptions): boolean {
  return repetition !== 'repeatable'
}

function isPassing(
  result: HttpResponse | TransportFailure,
  { repetition, isPassing: isPassingHere }: SendOptions,
): boolean {
  if (result instanceof TransportFailure) {
    return result.kind === 'passing' && (repetition !== 'once' || !result.sent)
  }
  if (isPassingHere) return isPassingHere(result)
  if (rateLimitDelay(result, 0) !== undefined) return true
  const { status } = result
  if (repetition === 'once') return false
  return status === 408 || status === 425 || (status >= 500 && status !== 501)
}

/**
 * Where to send the same request again: GitHub responds so for a repository that was renamed (307, and 308). Only on the
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
