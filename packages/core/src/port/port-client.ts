import { Http, type HttpOptions } from '../http/http.ts'
import type { HttpResponse } from '../http/transport.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { AccessToken, type PortCredentials } from './access-token.ts'
import { PortError } from './port-error.ts'
import type { PortRun, RunLog, RunPatch } from './port-run.ts'

/** The API of Port's EU region. The US region is `https://api.us.port.io`. */
export const DEFAULT_BASE_URL = 'https://api.port.io'

export interface PortClientOptions extends PortCredentials, HttpOptions {
  /** Default `https://api.port.io`. */
  baseUrl?: string
}

export interface CallOptions {
  /** When to stop trying, in milliseconds since the epoch. Default: 30 s from now. */
  deadline?: number
}

interface Call extends CallOptions {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  body?: Json | object
  /** What is asked of Port, as a clause, for error messages. */
  what: string
  remedies?: Partial<Record<number, string>>
  repetition?: 'repeatable' | 'once'
}

const DEFAULT_TIME_LIMIT_MS = 30_000

/**
 * The calls of the Port API that a run needs. One token serves all calls of a client; calls that can be repeated are,
 * until the deadline.
 *
 * Every method throws PortError if Port refuses and TransportError if it cannot be reached.
 */
export class PortClient {
  readonly #http: Http
  readonly #baseUrl: string
  readonly #token: AccessToken

  constructor(options: PortClientOptions) {
    this.#http = new Http(options)
    this.#baseUrl = (options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, '')
    const { clientId, clientSecret } = options
    this.#token = new AccessToken(this.#http, this.#baseUrl, { clientId, clientSecret })
  }

  /** `GET /v1/actions/{action_identifier}`: the action's definition, as stored. */
  async getAction(identifier: string, options?: CallOptions): Promise<JsonObject> {
    const { action } = await this.#call<{ action: JsonObject }>({
      method: 'GET',
      path: `/v1/actions/${encodeURIComponent(identifier)}`,
      what: `read action ${identifier}`,
      remedies: {
        404: 'Check the identifier of the action, and that the credentials are of its organization.',
      },
      ...options,
    })
    return action
  }

  /**
   * `POST /v1/actions/{action_identifier}/runs`: starts a run. Sent once: after an answer that was lost it is unknown
   * whether the run started.
   *
   * @param run `properties` are the user inputs, `entity` the identifier of the entity, `runAs` a user's email
   */
  async createRun(
    identifier: string,
    run: { properties: JsonObject; entity?: string; runAs?: string },
    options?: CallOptions,
  ): Promise<PortRun> {
    const query = run.runAs ? `?run_as=${encodeURIComponent(run.runAs)}` : ''
    const answer = await this.#call<{ run: PortRun }>({
      method: 'POST',
      path: `/v1/actions/${encodeURIComponent(identifier)}/runs${query}`,
      body: { properties: run.properties, ...(run.entity !== undefined && { entity: run.entity }) },
      what: `start a run of action ${identifier}`,
      remedies: {
        404: 'Check the identifier of the action and of the entity.',
        422: 'Check the properties against the user inputs of the action.',
      },
      repetition: 'once',
      ...options,
    })
    return answer.run
  }

  /** `GET /v1/actions/runs/{run_id}` */
  async getRun(runId: string, options?: CallOptions): Promise<PortRun> {
    const { run } = await this.#call<{ run: PortRun }>({
      method: 'GET',
      path: `/v1/actions/runs/${encodeURIComponent(runId)}`,
      what: `read run ${runId}`,
      remedies: { 404: NO_SUCH_RUN },
      ...options,
    })
    return run
  }

  /** `GET /v1/actions/runs?external_run_id=…`: the runs that carry this external run id. */
  async findRuns(externalRunId: string, options?: CallOptions): Promise<PortRun[]> {
    const { runs } = await this.#call<{ runs: PortRun[] }>({
      method: 'GET',
      path: `/v1/actions/runs?external_run_id=${encodeURIComponent(externalRunId)}&version=v2`,
      what: `find runs with the external run id ${externalRunId}`,
      ...options,
    })
    return runs
  }

  /** `PATCH /v1/actions/runs/{run_id}` */
  async updateRun(runId: string, patch: RunPatch, options?: CallOptions): Promise<PortRun> {
    const { run } = await this.#call<{ run: PortRun }>({
      method: 'PATCH',
      path: `/v1/actions/runs/${encodeURIComponent(runId)}`,
      body: patch,
      what: `update run ${runId}`,
      remedies: { 404: NO_SUCH_RUN },
      ...options,
    })
    return run
  }

  /** `POST /v1/actions/runs/{run_id}/logs` */
  async addLog(runId: string, log: RunLog, options?: CallOptions): Promise<void> {
    await this.#call({
      method: 'POST',
      path: `/v1/actions/runs/${encodeURIComponent(runId)}/logs`,
      body: log,
      what: `add to the log of run ${runId}`,
      remedies: { 404: NO_SUCH_RUN },
      ...options,
    })
  }

  async #call<T>(call: Call): Promise<T> {
    const deadline = call.deadline ?? this.#http.clock.now() + DEFAULT_TIME_LIMIT_MS
    let response = await this.#send(call, deadline)
    if (response.status === 401) {
      this.#token.forget()
      response = await this.#send(call, deadline)
    }
    if (response.status < 200 || response.status > 299) {
      throw PortError.from(call.what, response, call.remedies)
    }
    return JSON.parse(response.text) as T
  }

  async #send(call: Call, deadline: number): Promise<HttpResponse> {
    const token = await this.#token.get(deadline)
    return this.#http.send(
      {
        method: call.method,
        url: this.#baseUrl + call.path,
        headers: {
          authorization: `Bearer ${token}`,
          ...(call.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      },
      {
        repetition: call.repetition ?? 'repeatable',
        deadline,
        expect: (body) => (isJsonObject(body) ? body : undefined),
      },
    )
  }
}

const NO_SUCH_RUN =
  'Check the run id, and that the credentials are of the organization in which the action was run.'
