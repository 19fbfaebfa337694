import { NOT_FOUND, type Reply, type Request } from './exchange.ts'

export interface StoredRun {
  id: string
  status: string
  statusLabel?: string
  externalRunId?: string
  link?: string | string[]
  summary?: string
  /** ISO 8601. */
  createdAt?: string
  log: string[]
  /** How often a final status was accepted. */
  finals: number
}

/** Port's API for runs, with a count of its own. */
export class PortStandIn {
  readonly runs = new Map<string, StoredRun>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  createRun(id: string): StoredRun {
    const createdAt = new Date(this.#now()).toISOString()
    const run: StoredRun = { id, status: 'IN_PROGRESS', createdAt, log: [], finals: 0 }
    this.runs.set(id, run)
    return run
  }

  reply({ method, path, query, body }: Request): Reply {
    if (path === '/v1/auth/access_token') {
      return {
        status: 200,
        body: { ok: true, accessToken: 'port', expiresIn: 10_800, tokenType: 'Bearer' },
      }
    }
    if (path === '/v1/actions/runs') {
      const wanted = query.get('external_run_id')
      const found = [...this.runs.values()].filter(({ externalRunId }) => externalRunId === wanted)
      return { status: 200, body: { ok: true, runs: found.map(toJson) } }
    }
    const [, id = '', part] = /^\/v1\/actions\/runs\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
    const run = this.runs.get(id)
    if (!run) return NOT_FOUND
    if (method === 'GET' && part === 'logs') {
      const runLogs = run.log.map((message) => ({ message }))
      return { status: 200, body: { ok: true, runLogs } }
    }
    if (method === 'GET') return { status: 200, body: { ok: true, run: toJson(run) } }
    if (run.status !== 'IN_PROGRESS') {
      return { status: 422, body: { ok: false, error: 'run_ended', message: 'The run has ended' } }
    }
    return part === 'logs' ? this.#log(run, body) : this.#patch(run, body)
  }

  #log(run: StoredRun, { message, terminationStatus, statusLabel }: Request['body']): Reply {
    run.log.push(String(message))
    if (typeof statusLabel === 'string') run.statusLabel = statusLabel
    if (typeof terminationStatus === 'string') this.#end(run, terminationStatus)
    return { status: 201, body: { ok: true } }
  }

  #patch(run: StoredRun, { status, ...patch }: Request['body']): Reply {
    Object.assign(run, patch)
    if (typeof status === 'string') this.#end(run, status)
    return { status: 200, body: { ok: true, run: toJson(run) } }
  }

  #end(run: StoredRun, status: string): void {
    run.status = status
    run.finals++
  }
}

function toJson({ log: _log, finals: _finals, ...run }: StoredRun) {
  return run
}
