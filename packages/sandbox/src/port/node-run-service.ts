// Node runs of Port's workflows. In no published description: read from what Port's own clients send.
import type { Hono } from 'hono'
import { json } from '../answer.ts'
import { hash } from '../hash.ts'
import { isRecord } from '../is-record.ts'
import type { PortAccess } from './port-access.ts'
import { refuse } from './refuse.ts'

export interface NodeRun {
  readonly identifier: string
  status: 'IN_PROGRESS' | 'COMPLETED'
  result?: 'SUCCESS' | 'FAILED' | 'CANCELLED'
  /** What later nodes of the workflow read. */
  output?: unknown
  externalRunId?: string
  links: readonly string[]
  readonly logs: NodeLog[]
}

export interface NodeLog {
  level: string
  message: string
}

export class NodeRunService {
  readonly #port: PortAccess
  readonly #runs = new Map<string, NodeRun>()

  constructor(port: PortAccess, identifiers: readonly string[] = []) {
    this.#port = port
    for (const identifier of identifiers) this.create(identifier)
  }

  create(identifier = `wfnr_${hash('node run', this.#runs.size).slice(0, 16)}`): NodeRun {
    const run: NodeRun = { identifier, status: 'IN_PROGRESS', links: [], logs: [] }
    this.#runs.set(identifier, run)
    return run
  }

  get(identifier: string): NodeRun | undefined {
    return this.#runs.get(identifier)
  }

  addTo(app: Hono): void {
    const { guard, body } = this.#port
    app.get('/v1/workflows/nodes/runs', ({ req }) =>
      guard(req.raw, () => {
        const { external_run_id: externalRunId } = req.query()
        const found = [...this.#runs.values()].filter((run) => run.externalRunId === externalRunId)
        return json(200, { ok: true, nodeRuns: found.map(shown) })
      }),
    )
    app.get('/v1/workflows/nodes/runs/:id', ({ req }) =>
      guard(req.raw, () => json(200, { ok: true, nodeRun: shown(this.#require(req.param('id'))) })),
    )
    app.patch('/v1/workflows/nodes/runs/:id', ({ req }) =>
      guard(req.raw, async () => {
        const run = this.#requireOpen(req.param('id'))
        Object.assign(run, changeIn(await body(req.raw)))
        return json(200, { ok: true, nodeRun: shown(run) })
      }),
    )
    app.post('/v1/workflows/nodes/runs/:id/logs', ({ req }) =>
      guard(req.raw, async () => {
        const run = this.#requireOpen(req.param('id'))
        run.logs.push(...logsIn(await body(req.raw)))
        return json(201, { ok: true })
      }),
    )
  }

  #require(identifier: string): NodeRun {
    const missing = `Workflow node run with identifier "${identifier}" was not found`
    return this.#runs.get(identifier) ?? refuse(404, 'not_found', missing)
  }

  #requireOpen(identifier: string): NodeRun {
    const run = this.#require(identifier)
    if (run.status === 'IN_PROGRESS') return run
    const message = `Workflow node run "${identifier}" ended with ${run.result} and cannot be changed`
    return refuse(422, 'run_ended', message)
  }
}

function shown({ logs: _, ...run }: NodeRun): Record<string, unknown> {
  return run
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  status: ['IN_PROGRESS', 'COMPLETED'],
  result: ['SUCCESS', 'FAILED', 'CANCELLED'],
}
const OTHERS = ['output', 'externalRunId', 'links']

function changeIn(body: unknown): Record<string, unknown> {
  if (!isRecord(body)) return refuse(422, 'invalid_request', 'body must be object')
  for (const [key, value] of Object.entries(body)) {
    const choices = CHOICES[key]
    if (!choices && !OTHERS.includes(key))
      refuse(422, 'invalid_request', `body must NOT have additional properties ('${key}')`)
    if (choices && !choices.includes(String(value)))
      refuse(422, 'invalid_request', `body/${key} must be one of ${choices.join(', ')}`)
  }
  return body
}

function logsIn(body: unknown): NodeLog[] {
  const logs = isRecord(body) && Array.isArray(body.logs) ? body.logs : []
  const isValid = logs.every((log) => isRecord(log) && typeof log.message === 'string')
  if (logs.length > 0 && isValid) return logs
  return refuse(422, 'invalid_request', 'body/logs must be a list of { level, message }')
}
