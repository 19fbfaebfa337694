import { backoff, RETRY_CURVE } from '../http/backoff.ts'
import { isJsonObject, type Json } from '../json.ts'
import { path, runIdentifier } from './path.ts'
import { PortError, type Remedy } from './port-error.ts'
import {
  listOf,
  type PortRun,
  type RunLog,
  type RunPatch,
  readLog,
  readRun,
  type StoredLog,
} from './port-run.ts'
import { type Call, type CallOptions, isOk, type Session } from './session.ts'

/** Which runs to list: `GET /v1/actions/runs`. */
export interface RunFilter {
  externalRunId?: string
  /** `true`: only those that have not ended. */
  active?: boolean
  entity?: string
  blueprint?: string
  /** 1 to 1,000. Port's default is 50. */
  limit?: number
}

export const NO_SUCH_RUN: Remedy = {
  status: 404,
  said: /not.?found|no such|does not exist|could not find/i,
  advice:
    'Check the run ID, and that the credentials belong to the organization in which the action was run.',
}

/** The last attempt begins this long before the end of the time. */
const LAST_ATTEMPT_MS = 1_000
const LOG_PAGE = 50
/** Runs with more lines than this are not searched to the end. */
const MAX_LOG_PAGES = 10
/** Port's clock is known to the second, and its timestamps may be rounded. */
const CLOCK_SLACK_MS = 2_000

/** The calls of Port's API on runs of actions. */
export class Runs {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** `GET /v1/actions/runs/{run_id}` */
  async get(runId: string, options?: CallOptions): Promise<PortRun> {
    return await this.#session.call({
      ...ofRun(runId, 'read run'),
      method: 'GET',
      path: path`/v1/actions/runs/${runIdentifier(runId)}`,
      expect: readRunIn,
      ...options,
    })
  }

  /** `GET /v1/actions/runs?external_run_id=…`: the runs that carry this external run id. */
  async find(externalRunId: string, options?: CallOptions): Promise<PortRun[]> {
    return await this.list({ externalRunId }, options)
  }

  /** `GET /v1/actions/runs` */
  async list(filter: RunFilter, options?: CallOptions): Promise<PortRun[]> {
    const { externalRunId, active, entity, blueprint, limit } = filter
    return await this.#session.call({
      method: 'GET',
      path: '/v1/actions/runs',
      query: { external_run_id: externalRunId, active, entity, blueprint, limit, version: 'v2' },
      what: externalRunId ? `find runs with the external run ID ${externalRunId}` : 'list runs',
      expect: (body) => (isJsonObject(body) ? listOf(body.runs, readRun) : undefined),
      ...options,
    })
  }

  /** `PATCH /v1/actions/runs/{run_id}` */
  async update(runId: string, patch: RunPatch, options?: CallOptions): Promise<PortRun> {
    return await this.#session.call({
      ...ofRun(runId, 'update run'),
      method: 'PATCH',
      path: path`/v1/actions/runs/${runIdentifier(runId)}`,
      body: patch,
      expect: readRunIn,
      ...options,
    })
  }

  /**
   * `POST /v1/actions/runs/{run_id}/logs`.
   *
   * A line is not stored twice as far as that can be found out: after a response that was lost it is sent again only
   * when the log does not hold it. A line that ends the run needs no search, because Port takes no second one.
   */
  async addLog(runId: string, log: RunLog, options: CallOptions = {}): Promise<void> {
    if (log.terminationStatus) return await this.#postLog(runId, log, options)
    const { clock } = this.#session.http
    const bounds = { ...options, deadline: this.#session.deadlineOf(options) }
    const begin = clock.now()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#postLog(runId, log, { ...bounds, repetition: 'once' })
      } catch (error) {
        if (!(error instanceof PortError) || error.effect === 'none') throw error
        const left = bounds.deadline - clock.now() - LAST_ATTEMPT_MS
        if (left <= 0) throw error
        const pause = backoff(attempt - 1, RETRY_CURVE)
        await clock.sleep(Math.min(pause, left), options.signal)
        if (await this.isLogged(runId, log.message, begin, bounds)) return
        if (clock.now() >= bounds.deadline) throw error
      }
    }
  }

  /** `GET /v1/actions/runs/{run_id}/logs` @param page `limit` is at most 50 */
  async logs(
    runId: string,
    page: { limit?: number; offset?: number } = {},
    options?: CallOptions,
  ): Promise<StoredLog[]> {
    return await this.#session.call({
      ...ofRun(runId, 'read the log of run'),
      method: 'GET',
      path: path`/v1/actions/runs/${runIdentifier(runId)}/logs`,
      query: page,
      expect: (body) => (isJsonObject(body) ? listOf(body.runLogs, readLog) : undefined),
      ...options,
    })
  }

  /**
   * `PATCH /v1/actions/runs/{run_id}/response`: stores what a synchronized webhook responded.
   *
   * @param response JSON or text
   */
  async saveResponse(runId: string, response: Json, options?: CallOptions): Promise<void> {
    await this.#session.call({
      ...ofRun(runId, 'store the response of run'),
      method: 'PATCH',
      path: path`/v1/actions/runs/${runIdentifier(runId)}/response`,
      body: { response },
      // The path is in no published description: whatever is JSON of Port counts.
      expect: (body) => (body === undefined || isOk(body) || readRunIn(body) ? true : undefined),
      ...options,
    })
  }

  async #postLog(
    runId: string,
    log: RunLog,
    options: CallOptions & { repetition?: 'once' },
  ): Promise<void> {
    await this.#session.call({
      ...ofRun(runId, 'add to the log of run'),
      method: 'POST',
      path: path`/v1/actions/runs/${runIdentifier(runId)}/logs`,
      body: log,
      expect: (body) => (isOk(body) ? true : undefined),
      ...options,
    })
  }

  /**
   * Whether the log of a run holds a line that was added since a moment.
   *
   * @param since milliseconds since the epoch, by our clock
   * @returns undefined if that cannot be found out
   */
  async isLogged(
    runId: string,
    message: string,
    since: number,
    options: CallOptions = {},
  ): Promise<boolean | undefined> {
    try {
      for (let page = 0; page < MAX_LOG_PAGES; page++) {
        const logs = await this.logs(runId, { limit: LOG_PAGE, offset: page * LOG_PAGE }, options)
        const from = since + this.#session.clockOffset - CLOCK_SLACK_MS
        if (logs.some((log) => log.message === message && !isOlder(log, from))) return true
        if (logs.length < LOG_PAGE) return false
      }
    } catch (error) {
      if (!(error instanceof PortError)) throw error
    }
    return undefined
  }
}

/** How a call on a run is named, and what its refusals mean. */
function ofRun(runId: string, what: string): Pick<Call<unknown>, 'what' | 'remedies'> {
  return { what: `${what} ${runId.trim()}`, remedies: [NO_SUCH_RUN] }
}

function readRunIn(body: unknown): PortRun | undefined {
  return isJsonObject(body) ? readRun(body.run) : undefined
}

function isOlder({ createdAt }: StoredLog, since: number): boolean {
  return Date.parse(createdAt ?? '') < since
}
