// Node runs of Port's workflows. In no published description: read from what Port's own clients send.
import { isJsonObject, type JsonObject, PortDispatchError } from '@port-dispatch/core'
import { renderTemplate } from '@port-dispatch/core/template'
import type { Hono } from 'hono'
import { json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { PortNodeRunSeed } from '../definition/definition.ts'
import { hash } from '../hash.ts'
import { isRecord } from '../is-record.ts'
import { Claims, isFor } from './claims.ts'
import type { PortAccess } from './port-access.ts'
import { refuse } from './refuse.ts'

export interface NodeRun {
  readonly identifier: string
  /** The node in its workflow. */
  readonly nodeUid?: string
  /** What the node executes, as its workflow has it, for an agent or an integration to claim. */
  readonly config?: JsonObject
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
  readonly #context: Context
  readonly #claims: Claims
  readonly #runs = new Map<string, NodeRun>()

  constructor(port: PortAccess, seeds: readonly (string | PortNodeRunSeed)[], context: Context) {
    this.#port = port
    this.#context = context
    this.#claims = new Claims(context.now)
    for (const seed of seeds) this.create(typeof seed === 'string' ? { identifier: seed } : seed)
  }

  create(seed: Partial<PortNodeRunSeed> = {}): NodeRun {
    const { identifier = `wfnr_${hash('node run', this.#runs.size).slice(0, 16)}` } = seed
    const { node: nodeUid, config } = seed
    const run: NodeRun = {
      identifier,
      ...(nodeUid !== undefined && { nodeUid }),
      ...(config && { config: config as JsonObject }),
      status: 'IN_PROGRESS',
      links: [],
      logs: [],
    }
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
    // Port's own agent claims without its organization; the documentation has it in the path.
    for (const workflows of ['/v1/workflows', '/v1/org/:organization/workflows']) {
      app.post(`${workflows}/runs/claim-pending`, ({ req }) =>
        guard(req.raw, async () =>
          json(200, { ok: true, nodeRuns: await this.#claim(await body(req.raw)) }),
        ),
      )
      app.patch(`${workflows}/runs/ack`, ({ req }) =>
        guard(req.raw, async () => {
          const { nodeRunIdentifier: id } = objectIn(await body(req.raw))
          const isOurs = typeof id === 'string' && this.#claims.acknowledge(id)
          if (!isOurs) refuse(409, 'conflict', `Workflow node run "${id}" is not claimed`)
          return json(200, { ok: true, acked: true })
        }),
      )
    }
  }

  async #claim(body: unknown): Promise<Record<string, unknown>[]> {
    const request = objectIn(body)
    const open = [...this.#runs.values()].filter(
      ({ status, config }) => status === 'IN_PROGRESS' && config && isFor(config, request),
    )
    const claimed = this.#claims.take(open, ({ identifier }) => identifier, request)
    return (await Promise.all(claimed.map((run) => this.#claimed(run)))).flat()
  }

  /** A node whose templates cannot be rendered is claimed by nobody: it fails. */
  async #claimed(run: NodeRun): Promise<Record<string, unknown>[]> {
    const { identifier, nodeUid, status, config = {} } = run
    try {
      const rendered = await renderTemplate(config, {
        outputs: {},
        workflowNodeRun: { identifier },
        secrets: { SANDBOX_URL: this.#context.origin },
      })
      if (!isJsonObject(rendered.value)) return []
      return [
        { identifier, ...(nodeUid !== undefined && { nodeUid }), status, config: rendered.value },
      ]
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      run.logs.push({ level: 'ERROR', message: error.message })
      Object.assign(run, { status: 'COMPLETED', result: 'FAILED' })
      return []
    }
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

function objectIn(body: unknown): Record<string, unknown> {
  return isRecord(body) ? body : {}
}

function shown({ logs: _, config: _config, ...run }: NodeRun): Record<string, unknown> {
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
