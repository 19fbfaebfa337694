import { Octokit } from '@octokit/core'
import { isJsonObject } from '@port-dispatch/core'
import type { Http } from '@port-dispatch/core/http'
import { createRedactor } from '@port-dispatch/core/text'
import { BackendError } from '../backend-error.ts'
import type { Token } from '../connections.ts'
import { checkedSecret, secretOf } from '../token.ts'
import type { WorkflowRun } from './answers.ts'
import { httpFetch, type OctokitFetch } from './http-fetch.ts'
import { type GithubTarget, githubError, unreadable } from './refusal.ts'
import type { RepositoryWatch } from './repository-watch.ts'

/** One request, for the error message if it fails. */
export interface GithubCall<T> {
  /** What is requested, as a clause: `read the run 7 of acme/services`. */
  what: string
  target: GithubTarget
  /** Whether the request starts something. */
  starts?: boolean
  signal?: AbortSignal | undefined
  send: (octokit: Octokit, request: { signal?: AbortSignal }) => Promise<{ data: unknown }>
  /** Reads the response; undefined if it is not what GitHub sends. */
  parse: (data: unknown, response: GithubResponse) => T | undefined
}

export interface GithubResponse {
  status: number
  headers: Readonly<Record<string, string | number | undefined>>
}

const DEFAULT_API_URL = 'https://api.github.com'
/** A request with its repetitions: GitHub's secondary limits ask for a minute, after which a start has its time. */
const TIME_LIMIT_MS = 90_000

export function githubApiUrl(apiUrl: string | undefined): string {
  return (apiUrl || DEFAULT_API_URL).replace(/\/+$/, '')
}

/**
 * One GitHub server with one credential, and what was learned of it. Whoever holds it shares its conditional requests and
 * its watches; another credential is another client.
 */
export class GithubClient {
  readonly apiUrl: string
  readonly http: Http
  readonly #octokit: Octokit
  readonly #watches = new Map<string, RepositoryWatch<WorkflowRun>>()
  readonly #token: Token
  /** The secret of the requests that are sent now. */
  #secret = ''
  #login: string | undefined
  /** Whether the server refuses a request for the details of the run that a dispatch starts. */
  refusesDetails = false

  constructor(http: Http, { token, apiUrl }: { token: Token; apiUrl?: string | undefined }) {
    this.http = http
    this.#token = typeof token === 'string' ? checkedSecret(token, 'github.token') : token
    this.apiUrl = githubApiUrl(apiUrl)
    const fetch = httpFetch(http, { timeLimit: TIME_LIMIT_MS })
    const authorized: OctokitFetch = async (url, init) => {
      const secret = this.#secret
      const authorization = `token ${secret}`
      const response = await fetch(url, { ...init, headers: { ...init.headers, authorization } })
      if (response.status < 400) return response
      // Servers and proxies can repeat what they were sent.
      return { ...response, text: async () => createRedactor([secret])(await response.text()) }
    }
    // The core of @actions/github, without its HTTP client and its tables of all endpoints, which take long to load.
    this.#octokit = new Octokit({
      baseUrl: this.apiUrl,
      userAgent: 'port-dispatch',
      request: { fetch: authorized },
    })
  }

  /** @throws BackendError if GitHub refuses, cannot be reached, or sends something else */
  async call<T>(call: GithubCall<T>): Promise<T> {
    const { signal } = call
    const secret = await secretOf(this.#token, 'github.token', { signal })
    try {
      return await this.#callWith(secret, call)
    } catch (error) {
      if (!(error instanceof BackendError && error.status === 401)) throw error
      if (typeof this.#token === 'string') throw error
      const renewed = await secretOf(this.#token, 'github.token', { signal, refused: secret })
      if (renewed === secret) throw error
      return await this.#callWith(renewed, call)
    }
  }

  async #callWith<T>(
    secret: string,
    { what, target, starts = false, signal, send, parse }: GithubCall<T>,
  ): Promise<T> {
    this.#secret = secret
    try {
      const response = (await send(this.#octokit, signal ? { signal } : {})) as {
        data: unknown
      } & GithubResponse
      const parsed = parse(response.data, response)
      if (parsed === undefined) throw unreadable(what, starts)
      return parsed
    } catch (error) {
      // Http throws the reason of the signal only if nothing was sent; octokit makes an error of its own of it.
      if (signal?.aborted && (!starts || isCausedBy(error, signal.reason))) throw signal.reason
      throw githubError(what, target, starts, error, this.http.clock.now())
    }
  }

  /**
   * The user whose token it is. Tokens of apps and jobs have none.
   *
   * @returns undefined if the server does not say
   */
  async login(signal?: AbortSignal): Promise<string | undefined> {
    try {
      this.#login ??= await this.call({
        what: 'read who the token belongs to',
        target: { owner: '', repo: '' },
        signal,
        send: (octokit, request) => octokit.request('GET /user', { request }),
        parse: (data) => (isJsonObject(data) && typeof data.login === 'string' ? data.login : ''),
      })
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
    }
    return this.#login || undefined
  }

  /** The one watch of a repository. */
  watch(
    owner: string,
    repo: string,
    make: () => RepositoryWatch<WorkflowRun>,
  ): RepositoryWatch<WorkflowRun> {
    const key = `${owner}/${repo}`.toLowerCase()
    const watch = this.#watches.get(key) ?? make()
    this.#watches.set(key, watch)
    return watch
  }
}

function isCausedBy(error: unknown, reason: unknown): boolean {
  for (let at = error; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
    if (at === reason) return true
  }
  return false
}
