import { backoff, RETRY_CURVE } from '../http/backoff.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { identifierProblem } from '../run/run-id.ts'
import { checked, path, runIdentifier } from './path.ts'
import { PortError, type Remedy } from './port-error.ts'
import { type CallOptions, isOk, type Session } from './session.ts'

/** What is claimed: `POST /v1/actions/runs/claim-pending`. */
export interface ClaimRequest {
  /** `_PORT_EXEC_AGENT` for runs of Port's agent, or the identifier of an integration. */
  installationId: string
  /** At most 1,000. */
  limit: number
  /** How long what is claimed stays invisible to others without an acknowledgement. Port's default is 60,000. */
  visibilityTimeoutMs?: number
  /** `WEBHOOK`: only runs of this type. */
  invocationMethod?: string
  /** Ids of runs that are not wanted. */
  exclude?: readonly string[]
}

export interface ClaimedRun {
  id: string
  status: string
  /** Identifier of the action. */
  action?: string
  /** `{type, url, agent, synchronized, method, headers, body …}` */
  payload: JsonObject
}

export interface ClaimedNodeRun {
  /** `wfnr_…` */
  identifier: string
  nodeUid?: string
  status: string
  /** `{type, url, agent, …}` */
  config: JsonObject
}

/**
 * Whether a run is ours after an acknowledgement. `unknown`: the response to an earlier attempt was lost and now Port
 * says that the run is taken, by that attempt or by somebody else.
 */
export type Acknowledgement = 'acknowledged' | 'taken' | 'unknown'

export interface WorkflowOptions extends CallOptions {
  /** Sends to `/v1/org/{org_id}/workflows/…`, the documented form, rather than to `/v1/workflows/…`. */
  orgId?: string
}

/** How Port hands out runs of actions with `agent: true`: through the Kafka topic, or by `claim-pending`. */
export type StreamerName = 'KAFKA' | 'POLLING'

const RESERVED = { 'x-port-reserved-usage': 'true' }

const FORBIDDEN: Remedy = {
  status: 403,
  said: /./,
  advice:
    'Only credentials of an organization can claim runs, not those of a person. Also check that the API is that of your region.',
}

/** The calls of Port's API by which an agent gets its work. They are in no published description. */
export class Claims {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /**
   * `POST /v1/actions/runs/claim-pending`. What is claimed becomes claimable again unless it is acknowledged in time.
   */
  async pending(request: ClaimRequest, options?: CallOptions): Promise<ClaimedRun[]> {
    return await this.#session.call({
      method: 'POST',
      path: '/v1/actions/runs/claim-pending',
      headers: RESERVED,
      body: request,
      what: 'claim pending runs',
      remedies: [FORBIDDEN],
      expect: (body) => readList(body, 'runs', readClaimedRun),
      ...options,
    })
  }

  /** `PATCH /v1/actions/runs/ack` `{runId}`. After it nobody else gets the run. */
  async acknowledge(runId: string, options?: CallOptions): Promise<Acknowledgement> {
    const id = checked(runIdentifier(runId))
    return await this.#untilKnown(options, (bounds) =>
      this.#session.call({
        method: 'PATCH',
        path: '/v1/actions/runs/ack',
        headers: RESERVED,
        body: { runId: id },
        what: `acknowledge run ${id}`,
        remedies: [FORBIDDEN],
        repetition: 'once',
        expect: readAcknowledgement,
        ...bounds,
      }),
    )
  }

  /**
   * `PATCH /v1/actions/runs/ack` `{runIds}`: several at once, without a word about which.
   *
   * @returns how many of them are now ours
   */
  async acknowledgeAll(runIds: readonly string[], options?: CallOptions): Promise<number> {
    return await this.#session.call({
      method: 'PATCH',
      path: '/v1/actions/runs/ack',
      headers: RESERVED,
      body: { runIds },
      what: `acknowledge ${runIds.length} runs`,
      remedies: [FORBIDDEN],
      repetition: 'once',
      expect: (body) =>
        isJsonObject(body) && typeof body.ackedCount === 'number' ? body.ackedCount : undefined,
      ...options,
    })
  }

  /**
   * `PATCH /v1/organization` `{settings: {portAgentStreamerName}}`: how Port hands out the runs of actions with
   * `agent: true` from now on, in the whole organization. Port's own agent sends it when it starts.
   */
  async handOutBy(streamer: StreamerName, options?: CallOptions): Promise<void> {
    await this.#session.call({
      method: 'PATCH',
      path: '/v1/organization',
      body: { settings: { portAgentStreamerName: streamer } },
      what: `set how runs are handed out to agents (${streamer})`,
      // Whatever it says, what counts is that Port has taken it.
      expect: () => true,
      ...options,
    })
  }

  /** `POST /v1/workflows/runs/claim-pending` */
  async pendingNodeRuns(
    request: ClaimRequest,
    { orgId, ...options }: WorkflowOptions = {},
  ): Promise<ClaimedNodeRun[]> {
    return await this.#session.call({
      method: 'POST',
      path: `${workflows(orgId)}/runs/claim-pending`,
      headers: RESERVED,
      body: request,
      what: 'claim pending workflow node runs',
      remedies: [FORBIDDEN],
      expect: (body) => readList(body, 'nodeRuns', readClaimedNodeRun),
      ...options,
    })
  }

  /** `PATCH /v1/workflows/runs/ack` `{nodeRunIdentifier}` */
  async acknowledgeNodeRun(
    identifier: string,
    { orgId, ...options }: WorkflowOptions = {},
  ): Promise<Acknowledgement> {
    const id = checked(runIdentifier(identifier))
    return await this.#untilKnown(options, (bounds) =>
      this.#session.call({
        method: 'PATCH',
        path: `${workflows(orgId)}/runs/ack`,
        headers: RESERVED,
        body: { nodeRunIdentifier: id },
        what: `acknowledge workflow node run ${id}`,
        remedies: [FORBIDDEN],
        repetition: 'once',
        expect: readAcknowledgement,
        ...bounds,
      }),
    )
  }

  /** Acknowledges again after a response that was lost: the answer then says whether the run is ours. */
  async #untilKnown(
    options: CallOptions | undefined,
    acknowledge: (bounds: CallOptions) => Promise<Acknowledgement>,
  ): Promise<Acknowledgement> {
    const { clock } = this.#session.http
    const bounds = { ...options, deadline: this.#session.deadlineOf(options) }
    let lost: PortError | undefined
    for (let pauses = 0; ; pauses++) {
      const pause = backoff(pauses, RETRY_CURVE)
      try {
        const result = await acknowledge(bounds)
        return result === 'taken' && lost ? 'unknown' : result
      } catch (error) {
        if (!(error instanceof PortError)) throw error
        if (error.status === 409) return lost ? 'unknown' : 'taken'
        if (error.effect === 'unknown') lost = error
        // An earlier request may have done it, whatever became of this one.
        if (error.effect === 'none' || clock.now() + pause >= bounds.deadline) throw lost ?? error
      }
      await clock.sleep(pause, options?.signal)
    }
  }
}

function workflows(orgId: string | undefined): string {
  if (orgId === undefined) return '/v1/workflows'
  return path`/v1/org/${{ name: 'organization ID', value: orgId }}/workflows`
}

function readAcknowledgement(body: unknown): Acknowledgement | undefined {
  if (body === undefined) return 'acknowledged'
  if (!isJsonObject(body)) return undefined
  if (body.acked === false || body.ackedCount === 0) return 'taken'
  const isSuccess = body.acked === true || typeof body.ackedCount === 'number' || isOk(body)
  return isSuccess ? 'acknowledged' : undefined
}

/** What cannot be read is left to become claimable again. */
function readList<T>(
  body: unknown,
  key: string,
  read: (item: unknown) => T | undefined,
): T[] | undefined {
  const list = isJsonObject(body) ? body[key] : undefined
  return Array.isArray(list) ? list.map(read).filter((item) => item !== undefined) : undefined
}

function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && identifierProblem(value) === undefined
}

function readClaimedRun(value: unknown): ClaimedRun | undefined {
  if (!isJsonObject(value)) return undefined
  const { id, status, action, payload } = value
  if (!isIdentifier(id) || !isJsonObject(payload)) return undefined
  const identifier = isJsonObject(action) ? action.identifier : action
  return {
    id,
    status: typeof status === 'string' ? status : 'IN_PROGRESS',
    ...(typeof identifier === 'string' && { action: identifier }),
    payload,
  }
}

function readClaimedNodeRun(value: unknown): ClaimedNodeRun | undefined {
  if (!isJsonObject(value)) return undefined
  const { identifier, nodeUid, status, config } = value
  if (!isIdentifier(identifier) || !isJsonObject(config)) return undefined
  return {
    identifier,
    ...(typeof nodeUid === 'string' && { nodeUid }),
    status: typeof status === 'string' ? status : 'IN_PROGRESS',
    config,
  }
}
