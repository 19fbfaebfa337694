import { InputError, type Problem, phrase, type Setting, setting } from '../errors.ts'
import type { HttpResult } from '../http/attempt.ts'
import { Http, type HttpOptions, type SendOptions } from '../http/http.ts'
import type { HttpRequest } from '../http/transport.ts'
import { TransportError } from '../http/transport-error.ts'
import { isJsonObject } from '../json.ts'
import { PortError, type Remedy } from './port-error.ts'

export interface PortCredentials {
  clientId: string
  clientSecret: string
}

export interface SessionOptions extends PortCredentials, HttpOptions {
  /** Default `https://api.port.io`. */
  baseUrl?: string
  /** Gets every access token before it is used, so that it can be masked in logs. */
  onToken?: (token: string) => void
}

export interface CallOptions {
  /** When to stop trying, in milliseconds since the epoch. Default: 30 s from now. */
  deadline?: number | undefined
  /** Ends the waiting for a response. */
  signal?: AbortSignal | undefined
}

/** One request of Port's API. */
export interface Call<T> extends CallOptions {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** With its identifiers checked and encoded: see {@link path}. */
  path: string
  query?: Query
  body?: object
  headers?: Record<string, string>
  /** What is requested, as a clause, for error messages. */
  what: string
  /** Reads the body of a success; undefined for what Port does not send. The response then counts as lost. */
  expect: (body: unknown) => T | undefined
  remedies?: readonly Remedy[]
  /** Whether it does the same when it is sent twice. Default `repeatable`. */
  repetition?: 'repeatable' | 'once'
}

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>

/** The API of Port's EU region. The US region is `https://api.us.port.io`. */
export const DEFAULT_BASE_URL = 'https://api.port.io'

/** The API of the EU region has an older name. */
const EU_HOSTS = ['api.port.io', 'api.getport.io']

const DEFAULT_TIME_LIMIT_MS = 30_000
/** Before a token expires it is renewed this early, so that it does not expire on the way. */
const MARGIN_MS = 60_000

/** Sends requests to Port's API: keeps an access token for as long as it lasts, and reads what comes back. */
export class Session {
  readonly http: Http
  readonly #baseUrl: string
  readonly #credentials: PortCredentials
  readonly #onToken: (token: string) => void
  /** By how many milliseconds Port's clock is ahead of ours, as far as its responses have told. */
  clockOffset = 0
  #token: { value: string; expires: number } | undefined
  #pending: Promise<string> | undefined

  /** @throws InputError if a credential cannot be one */
  constructor(options: SessionOptions) {
    const { clientId, clientSecret } = options
    const problems = [
      credentialProblem('port.clientId', clientId),
      credentialProblem('port.clientSecret', clientSecret),
    ].filter((problem) => problem !== undefined)
    if (problems.length > 0) {
      throw new InputError('The credentials for Port are not valid:', problems)
    }
    this.http = new Http(options)
    this.#baseUrl = (options.baseUrl ?? DEFAULT_BASE_URL).trim().replace(/\/+$/, '')
    this.#credentials = { clientId, clientSecret }
    this.#onToken = options.onToken ?? (() => {})
  }

  /** Milliseconds since the epoch when a call that begins now, without a deadline of its own, gives up. */
  deadlineOf({ deadline }: CallOptions = {}): number {
    return deadline ?? this.http.clock.now() + DEFAULT_TIME_LIMIT_MS
  }

  isOwn(url: URL): boolean {
    const api = new URL(this.#baseUrl)
    if (url.origin === api.origin) return true
    return [url, api].every(
      ({ host, protocol }) => protocol === 'https:' && EU_HOSTS.includes(host),
    )
  }

  async accessToken(options: CallOptions = {}): Promise<string> {
    return await this.#accessToken(this.deadlineOf(options), options.signal)
  }

  /**
   * @throws PortError if Port refuses, fails or does not respond; the signal's reason if it was aborted
   */
  async call<T>(call: Call<T>): Promise<T> {
    const { what, remedies, expect, signal, repetition = 'repeatable' } = call
    const deadline = this.deadlineOf(call)
    const effect = repetition === 'once' ? 'unknown' : 'none'
    const options: SendOptions<T> = { repetition, deadline, expect, ...(signal && { signal }) }
    let token = ''
    try {
      for (let isRenewed = false; ; isRenewed = true) {
        token = await this.#accessToken(deadline, signal)
        const result = await this.http.send(this.#request(call, token), options)
        this.#readClock(result)
        if (result.value !== undefined) return result.value
        if (result.status !== 401 || isRenewed) {
          throw PortError.from(what, this.#redacted(result, token), remedies, effect)
        }
        // The token may have been revoked. Nothing was done with it.
        if (this.#token?.value === token) this.#token = undefined
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      throw PortError.lost(what, error, error.effect === 'unknown' ? effect : 'none')
    }
  }

  #request({ method, path, query, body, headers }: Call<unknown>, token: string): HttpRequest {
    return {
      method,
      url: this.#baseUrl + path + queryText(query),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    }
  }

  #readClock({ headers }: HttpResult<unknown>): void {
    const date = Date.parse(headers.get('date') ?? '')
    if (!Number.isNaN(date)) this.clockOffset = date - this.http.clock.now()
  }

  /** One request for a token serves all calls that wait for it. */
  async #accessToken(deadline: number, signal: AbortSignal | undefined): Promise<string> {
    for (;;) {
      if (this.#token && this.#token.expires > this.http.clock.now()) return this.#token.value
      if (!this.#pending) {
        this.#pending = this.#signIn(deadline, signal).finally(() => {
          this.#pending = undefined
        })
        return await this.#pending
      }
      const left = deadline - this.http.clock.now()
      const late = new PortError('Could not sign in: there was no response in time.')
      if (left <= 0) throw late
      const end = await endOf(this.#pending, this.http.clock.timeout(left), signal)
      if (end === 'late') throw late
      // Any other failure can be one of the other call only: it had less time, or was stopped.
      if (end instanceof PortError && end.isRefusal) throw end
    }
  }

  /** Servers and proxies can repeat what they were sent. */
  #redacted(
    { status, text }: HttpResult<unknown>,
    token?: string,
  ): { status: number; text: string } {
    const secrets = [this.#credentials.clientSecret, token].filter((secret) => secret !== undefined)
    return { status, text: secrets.reduce((at, secret) => at.replaceAll(secret, '***'), text) }
  }

  async #signIn(deadline: number, signal: AbortSignal | undefined): Promise<string> {
    const what = 'sign in'
    try {
      const result = await this.http.send(
        {
          method: 'POST',
          url: `${this.#baseUrl}/v1/auth/access_token`,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(this.#credentials),
        },
        { repetition: 'repeatable', deadline, expect: readToken, ...(signal && { signal }) },
      )
      this.#readClock(result)
      if (!result.value) throw PortError.from(what, this.#redacted(result))
      const { accessToken, expiresIn } = result.value
      this.#onToken(accessToken)
      const lifetime = Math.max(expiresIn * 1000 - MARGIN_MS, (expiresIn * 1000) / 2)
      this.#token = { value: accessToken, expires: this.http.clock.now() + lifetime }
      return accessToken
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      const lost = PortError.lost(what, error, 'none')
      const advice = phrase`Check ${setting('port.baseUrl')}, and that this machine can reach it.`
      throw new PortError(lost.summary, { advice: lost.advice ?? advice, cause: error })
    }
  }
}

function readToken(body: unknown): { accessToken: string; expiresIn: number } | undefined {
  if (!isJsonObject(body)) return undefined
  const { accessToken, expiresIn } = body
  if (typeof accessToken !== 'string' || accessToken === '') return undefined
  return typeof expiresIn === 'number' && expiresIn > 0 ? { accessToken, expiresIn } : undefined
}

/**
 * Waits for what others wait for too.
 *
 * @returns how it ended, `late` if it did not end in time
 * @throws the signal's reason if it was aborted
 */
async function endOf(
  work: Promise<unknown>,
  time: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  signal?.throwIfAborted()
  const either = AbortSignal.any([time, ...(signal ? [signal] : [])])
  const done = new AbortController()
  const late = new Promise<'late'>((resolve) => {
    either.addEventListener('abort', () => resolve('late'), { signal: done.signal })
  })
  const end = await Promise.race([work.catch((error: unknown) => error), late])
  done.abort()
  signal?.throwIfAborted()
  return end
}

function credentialProblem(name: Setting, value: string): Problem | undefined {
  if (typeof value !== 'string' || value === '') return { setting: name, found: 'is missing' }
  if (value.trim() === value && !/\p{Cc}/u.test(value)) return undefined
  return {
    setting: name,
    found: 'has a line break or blanks in it',
    advice: 'Copy it again from Port, without anything around it.',
  }
}

function queryText(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((item) => item !== undefined)
      .map((item) => `${encodeURIComponent(name)}=${encodeURIComponent(item)}`),
  )
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

/** `{ok: true, …}`, as every success of Port begins. */
export function isOk(body: unknown): boolean {
  return isJsonObject(body) && body.ok === true
}
