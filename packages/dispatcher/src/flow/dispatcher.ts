import { type Clock, InputError, type JsonObject, phrase, setting } from '@port-dispatch/core'
import {
  type DispatchableOptions,
  type RenderedMethod,
  toDispatchable,
} from '@port-dispatch/core/action'
import { Http } from '@port-dispatch/core/http'
import type { PortClient } from '@port-dispatch/core/port'
import type { Plan } from '../backends/backend.ts'
import type { Connections, GithubConnection, WebhookConnection } from '../backends/connections.ts'
import type { GithubClient } from '../backends/github/client.ts'
import type { GitlabClient } from '../backends/gitlab/client.ts'

export interface DispatcherOptions {
  http?: Http
}

export interface PlanOptions extends DispatchableOptions {
  /** Whether the run will be followed, which needs a credential that can read. */
  follow?: boolean | undefined
  /** What templates see, for the message that Port makes where an action has no body or payload. */
  context?: JsonObject | undefined
  /** Identifies the request or the message at its receiver. */
  portRunId?: string | undefined
  /** `keep`: what a webhook was sent and responded is in the result, with its credentials. Default: it is not. */
  exchange?: 'keep' | undefined
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
  #webhook: ReturnType<typeof loadWebhook> | undefined
  #kafka: ReturnType<typeof loadKafkaParts> | undefined

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
    const { inputs, follow, context = {}, portRunId, exchange, signal } = options
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
      case 'WEBHOOK': {
        const { planWebhook, client } = await this.#webhookParts()
        const port = portClientOf(this.#connections)
        const parts = { context, portRunId, follow, port, exchange }
        return await planWebhook(dispatchable, client, parts)
      }
      case 'KAFKA': {
        const { planKafka, client } = await this.#kafkaParts()
        return await planKafka(dispatchable, client, { context, portRunId, follow, signal })
      }
      case 'UPSERT_ENTITY': {
        const { planEntity } = await import('../backends/port/plan.ts')
        const client = portClientOf(this.#connections)
        if (!client) throw missingPort()
        return planEntity(dispatchable, client, portRunId)
      }
      case 'REFUSED': {
        const { refused, field, why, instead } = dispatchable
        throw new InputError('The action cannot be dispatched:', [
          {
            path: `invocationMethod.${field}`,
            found: `found "${refused}". ${why}`,
            advice: instead,
          },
        ])
      }
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

  /** Kept, because each import that is written out is resolved anew. */
  async #webhookParts() {
    this.#webhook ??= loadWebhook(this.clock, this.#connections.webhook ?? {})
    return await this.#webhook
  }

  async #kafkaParts() {
    this.#kafka ??= loadKafkaParts(this.clock, this.#connections)
    try {
      return await this.#kafka
    } catch (error) {
      // Port may give the credentials the next time.
      this.#kafka = undefined
      throw error
    }
  }
}

async function loadWebhook(clock: Clock, connection: WebhookConnection) {
  const [{ planWebhook }, { WebhookClient }] = await Promise.all([
    import('../backends/webhook/plan.ts'),
    import('../backends/webhook/client.ts'),
  ])
  return { planWebhook, client: new WebhookClient(clock, connection) }
}

async function loadKafkaParts(clock: Clock, connections: Connections) {
  const { planKafka } = await import('../backends/kafka/plan.ts')
  const { connectKafka } = await import('../backends/kafka/client.ts')
  const client = await connectKafka(clock, connections.kafka ?? {}, portClientOf(connections))
  return { planKafka, client }
}

function portClientOf({ port }: Connections): PortClient | undefined {
  return typeof port?.client === 'function' ? port.client() : port?.client
}

function missingPort(): InputError {
  const advice = 'In Port: your profile picture > Credentials'
  return new InputError('Missing settings for Port:', [
    { setting: 'port.clientId', found: 'is missing', missing: true, advice },
    { setting: 'port.clientSecret', found: 'is missing', missing: true, advice },
  ])
}

/** Plans one dispatch; {@link Dispatcher} is for several that share connections. */
export async function plan(
  method: RenderedMethod,
  connections: Connections,
  options?: PlanOptions & DispatcherOptions,
): Promise<Plan> {
  return await new Dispatcher(connections, options).plan(method, options)
}
