import { Jobs, Pipelines } from '@gitbeaker/core'
import type { Http } from '@port-dispatch/core/http'
import type { GitlabConnection, Token } from '../connections.ts'
import { checkedSecret, secretOf } from '../token.ts'
import { type GitlabAuthorization, gitlabError } from './refusal.ts'
import { type GitlabRequester, gitlabRequester } from './requester.ts'

/** One request, for the error message if it fails. */
export interface GitlabCall<T> {
  /** What is requested, as a clause: `read the pipeline 7 of group/project`. */
  what: string
  project: string
  /** Whether the request starts something. */
  starts?: boolean
  authorization?: GitlabAuthorization
  signal?: AbortSignal | undefined
  send: () => Promise<T>
}

const DEFAULT_URL = 'https://gitlab.com'
/** A request with its repetitions: a limit of a minute can be waited for, and a start has its time after it. */
const TIME_LIMIT_MS = 90_000

/** One GitLab server with its credentials. */
export class GitlabClient {
  readonly url: string
  readonly http: Http
  /** Whether runs can be read: a trigger token alone cannot. */
  readonly canRead: boolean
  readonly #connection: GitlabConnection

  constructor(http: Http, connection: GitlabConnection) {
    this.http = http
    this.url = (connection.url || DEFAULT_URL).replace(/\/+$/, '')
    this.canRead = connection.token !== undefined
    this.#connection = connection
    const { token } = connection
    if (typeof token === 'string') checkedSecret(token, 'gitlab.token')
  }

  triggerTokenOf(project: string): Token | undefined {
    return this.#connection.triggerToken ?? this.#connection.triggerTokenOf?.(project)
  }

  /** Gitbeaker's resources, whose requests end with the signal. */
  resources(signal?: AbortSignal): { pipelines: Pipelines; jobs: Jobs } {
    const options = {
      host: this.url,
      // Gitbeaker wants a token of its own before it sends anything; the requester puts in the one that is valid then.
      token: 'renewed-with-each-request',
      queryTimeout: null,
      requesterFn: () => this.requester(signal),
    }
    return { pipelines: new Pipelines(options), jobs: new Jobs(options) }
  }

  /** @param authorize `no` for a request that carries a credential of its own */
  requester(signal?: AbortSignal, authorize: 'yes' | 'no' = 'yes'): GitlabRequester {
    const { token } = this.#connection
    return gitlabRequester(this.http, {
      api: `${this.url}/api/v4`,
      timeLimit: TIME_LIMIT_MS,
      signal,
      headers: async () => {
        if (authorize === 'no' || token === undefined) return {}
        return { 'private-token': await secretOf(token, 'gitlab.token', { signal }) }
      },
    })
  }

  /** @throws BackendError if GitLab refuses, cannot be reached, or sends something else */
  async call<T>(call: GitlabCall<T>): Promise<T> {
    const { what, project, starts = false, authorization = 'access-token', signal, send } = call
    try {
      return await send()
    } catch (error) {
      if (signal?.aborted && !starts) throw signal.reason
      throw gitlabError({ what, project, authorization, starts }, error)
    }
  }
}
