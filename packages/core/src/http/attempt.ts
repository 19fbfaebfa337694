import type { Clock } from '../clock.ts'
import { parseBody } from './parse-body.ts'
import { graceAfter } from './stop.ts'
import {
  describeFailure,
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportFailure,
} from './transport.ts'

/**
 * Reads the body of a success.
 *
 * @param body what the JSON says; undefined if the status says that there is no body (204, 205)
 * @returns undefined if it is not what this server sends: the response then counts as lost
 */
export type Expect<T> = (body: unknown) => T | undefined

export interface HttpResult<T> extends HttpResponse {
  /** What `expect` made of it, if the response is a success. */
  value?: T
}

export interface AttemptOptions<T> {
  transport: Transport
  clock: Clock
  /** The longest body of a response, in bytes. */
  maxBytes: number
  /** Whether the request starts something. */
  starts: boolean
  /** When to give up, in milliseconds since the epoch. */
  deadline: number
  /** Milliseconds that it may take. */
  timeout: number
  signal?: AbortSignal | undefined
  expect?: Expect<T> | undefined
  reading?: 'whole' | 'start' | undefined
}

/** A start is not sent with less time than this: its response would be lost. */
const MIN_START_MS = 1_000

/**
 * Sends a request once.
 *
 * @returns the response, or why there is none that is complete and readable
 * @throws the signal's reason if it was aborted while nothing was under way that starts something
 */
export async function attempt<T>(
  request: HttpRequest,
  options: AttemptOptions<T>,
): Promise<HttpResult<T> | TransportFailure> {
  const { transport, clock, maxBytes, starts, deadline, timeout, signal, expect, reading } = options
  const left = deadline - clock.now()
  if (!(left > 0) || (starts && left < Math.min(MIN_START_MS, timeout))) {
    return new TransportFailure('it was not sent: there was no time left to wait for a response', {
      sent: false,
      kind: 'fixed',
    })
  }
  const limit = Math.min(timeout, left)
  const cut = new AbortController()
  let sent = false
  let ending: 'timeout' | 'stop' | undefined
  const time = clock.timeout(limit)
  const onTimeout = () => {
    ending ??= 'timeout'
    cut.abort(time.reason)
  }
  let grace: AbortSignal | undefined
  const onGraceEnd = () => {
    ending ??= 'stop'
    cut.abort(grace?.reason)
  }
  const onStop = () => {
    if (!signal || !(starts && sent)) return cut.abort(signal?.reason)
    grace = graceAfter(signal, clock)
    if (grace.aborted) onGraceEnd()
    else grace.addEventListener('abort', onGraceEnd)
  }
  time.addEventListener('abort', onTimeout)
  signal?.addEventListener('abort', onStop)
  let response: HttpResponse
  try {
    response = await transport.send({
      ...request,
      signal: cut.signal,
      maxBytes,
      ...(reading === 'start' && { startIsEnough: true }),
      beforeSend: () => {
        cut.signal.throwIfAborted()
        sent = true
      },
    })
  } catch (error) {
    const failure =
      error instanceof TransportFailure
        ? error
        : new TransportFailure(describeFailure(error), { sent })
    if (signal?.aborted && !(starts && failure.sent)) throw signal.reason
    if (!cut.signal.aborted) return failure
    const missing = failure.missing ?? 'response'
    const reason =
      ending === 'stop'
        ? `the process was stopped while it waited for the ${missing}`
        : `no ${missing} within ${seconds(limit)}`
    return new TransportFailure(reason, { sent: failure.sent })
  } finally {
    time.removeEventListener('abort', onTimeout)
    signal?.removeEventListener('abort', onStop)
    grace?.removeEventListener('abort', onGraceEnd)
  }
  return expect ? withValue(response, expect) : response
}

/**
 * @returns the response with its value
 *   a failure if the body of a success cannot be read: it was cut short, or comes from something in between
 */
export function withValue<T>(
  response: HttpResponse,
  expect: Expect<T>,
): HttpResult<T> | TransportFailure {
  const { status, text } = response
  if (status < 200 || status > 299) return response
  let body: unknown
  if (status !== 204 && status !== 205) {
    try {
      body = parseBody(text)
    } catch {
      const what = text.trim() === '' ? 'is empty' : 'is not JSON'
      return new TransportFailure(
        `the response (${status}) ${what}: it was cut short, or something in between sent it`,
        { sent: true },
      )
    }
  }
  const value = expect(body)
  if (value !== undefined) return { ...response, value }
  return new TransportFailure(
    `the response (${status}) is not what this API sends: something in between may have sent it, or the address is that of another server`,
    { sent: true },
  )
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.ceil(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`
}
