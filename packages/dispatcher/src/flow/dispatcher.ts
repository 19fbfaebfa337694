import { type Clock, InputError, phrase, setting } from '@port-dispatch/core'
import {
  type DispatchableOptions,
  type RenderedMethod,
  toDispatchable,
} from '@port-dispatch/core/action'
import { Http } from '@port-dispatch/core/http'
import type { Plan } from '../backends/backend.ts'
import type { Connections, GithubConnection } from '../backends/connections.ts'
import type { GithubClient } from '../backends/github/client.ts'
import type { GitlabClient } from '../backends/gitlab/client.ts'

export interface DispatcherOptions {
  http?: Http
}

export interface PlanOptions extends DispatchableOptions {
  /** Whether the run will be followed, which needs a credential that can read. */
  follow?: boolean | undefined
  signal?: AbortSignal | undefined
}

/**
 * Plans what actions name, with one set of connections. What is learned of a server, and what several dispatches share,
 * such as one reading of many runs, belongs to an instance; nothing is shared between instances.
 */
export class Dispatcher {
  readonly clock: Clock
  readonly #connections: Connections
  readonly #http: Http
  /** By the owner of the repositories: an App has a token for each. */
  readonly #github = new Map<string, Promise<GithubClient>>()
  #gitlab: Promise<GitlabClient> | undefined

  constructor(connections: Connections, { http = new Http() }: DispatcherOptions = {}) {
    this.#connections = connections
    this.#http = http
    this.clock = http.clock
  }

  /**
   * Checks and completes what will be sent. Reads at most. Loads the client library of that backend and no other.
   *
   * @throws InputError if the method cannot be dispatched, a connection is missing, or the values cannot be sent;
   *   BackendError if the backend refuses the reading
   */
  async plan(method: RenderedMethod, options: PlanOptions = {}): Promise<Plan> {
    const { inputs, follow, signal } = options
    const dispatchable = toDispatchable(method, { inputs })
    switch (dispatchable.type) {
      case 'GITHUB': {
        const { planGithub } = await import('../backends/github/plan.ts')
        return await planGithub(dispatchable, await this.#githubClient(dispatchable), signal)
      }
      case 'GITLAB': {
        const { planGitlab } = await import('../backends/gitlab/plan.ts')
        return planGitlab(dispatchable, await this.#gitlabClient(dispatchable), { follow })
      }
      case 'REFUSED': {
        const { refused, why, instead } = dispatchable
        throw new InputError('The action cannot be dispatched:', [
          { path: 'invocationMethod.type', found: `found "${refused}". ${why}`, advice: instead },
        ])
      }
      default:
        throw new InputError('The action cannot be dispatched:', [
          {
            path: 'invocationMethod.type',
            found: `found "${dispatchable.type}", which can be rendered but not dispatched`,
            expected: 'GITHUB, GITLAB or INTEGRATION_ACTION',
          },
        ])
    }
  }

  async #githubClient({ org, repo }: { org: string; repo: string }): Promise<GithubClient> {
    const { github } = this.#connections
    if (!github?.token && !github?.app) {
      throw new InputError('Missing settings for GitHub:', [
        {
          setting: 'github.token',
          found: 'is missing',
          missing: true,
          advice: phrase`Set it to a token with write access to Actions of ${org}/${repo}, or ${setting('github.appId')} and ${setting('github.privateKey')} to a GitHub App that is installed on ${org}`,
        },
      ])
    }
    const key = github.app ? org.toLowerCase() : ''
    const client = this.#github.get(key) ?? this.#connectGithub(org, github)
    this.#github.set(key, client)
    return await client
  }

  async #connectGithub(
    owner: string,
    { token = '', app, apiUrl }: GithubConnection,
  ): Promise<GithubClient> {
    const { GithubClient, githubApiUrl } = await import('../backends/github/client.ts')
    if (!app) return new GithubClient(this.#http, { token, apiUrl })
    const { appToken } = await import('../backends/github/app-token.ts')
    const source = appToken(this.#http, { app, apiUrl: githubApiUrl(apiUrl), owner })
    return new GithubClient(this.#http, { token: source, apiUrl })
  }

  async #gitlabClient({ project: name }: { project: string }): Promise<GitlabClient> {
    const { gitlab } = this.#connections
    if (!gitlab?.token && !gitlab?.triggerToken && !gitlab?.triggerTokenOf?.(name)) {
      throw new InputError('Missing settings for GitLab:', [
        {
          setting: 'gitlab.triggerToken',
          found: 'is missing',
          missing: true,
          advice: phrase`Set it to a pipeline trigger token of ${name}, or ${setting('gitlab.token')} to an access token with the scope "api"`,
        },
      ])
    }
    this.#gitlab ??= import('../backends/gitlab/client.ts').then(
      ({ GitlabClient }) => new GitlabClient(this.#http, gitlab),
    )
    return await this.#gitlab
  }
}

/** Plans one dispatch; {@link Dispatcher} is for several that share connections. */
export async function plan(
  method: RenderedMethod,
  connections: Connections,
  options?: PlanOptions & DispatcherOptions,
): Promise<Plan> {
  return await new Dispatcher(connections, options).plan(method, options)
}
