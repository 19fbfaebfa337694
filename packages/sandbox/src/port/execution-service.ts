// What Port offers to those who execute runs. Not in Port's published API: read from what its own open-source clients
// send. Responses are as gentle as theirs.
import type { Hono } from 'hono'
import { json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { PortDefinition } from '../definition/definition.ts'
import { isRecord } from '../definition/shapes.ts'
import type { PortAccess } from './port-access.ts'
import { refuse } from './refuse.ts'

/** Runs go to the first who claims them, and become claimable again if they are not acknowledged. */
const VISIBILITY_MS = 60_000

interface Claim {
  /** Milliseconds since 1970. */
  until: number
  isAcknowledged: boolean
}

export class ExecutionService {
  readonly #port: PortAccess
  readonly #definition: PortDefinition
  readonly #context: Context
  readonly #claims = new Map<string, Claim>()

  constructor(port: PortAccess, definition: PortDefinition, context: Context) {
    this.#port = port
    this.#definition = definition
    this.#context = context
  }

  addTo(app: Hono): void {
    const { guard, body, runs } = this.#port
    app.patch('/v1/actions/runs/:id/response', ({ req }) =>
      guard(req.raw, async () => {
        const given = await body(req.raw)
        if (!isRecord(given) || !('response' in given)) {
          refuse(422, 'invalid_request', "body must have required property 'response'")
        }
        return json(200, {
          ok: true,
          run: { id: runs.respond(req.param('id'), given.response).id },
        })
      }),
    )
    app.get('/v1/kafka-credentials', ({ req }) =>
      guard(req.raw, () => {
        const { kafka } = this.#definition
        return json(200, { ok: true, ...(kafka && { credentials: kafka }) })
      }),
    )
    app.post('/v1/actions/runs/claim-pending', ({ req }) =>
      guard(req.raw, async () => json(200, { ok: true, runs: this.#claim(await body(req.raw)) })),
    )
    app.patch('/v1/actions/runs/ack', ({ req }) =>
      guard(req.raw, async () => this.#acknowledge(await body(req.raw))),
    )
  }

  /** Runs whose action is for an agent: the sandbox has no integrations. */
  #claim(body: unknown): Record<string, unknown>[] {
    const {
      limit = 100,
      visibilityTimeoutMs = VISIBILITY_MS,
      invocationMethod,
    } = isRecord(body) ? body : {}
    const now = this.#context.now()
    const claimable = this.#port.runs
      .all()
      .toReversed()
      .filter((run) => {
        const { type, agent } = run.action.invocationMethod
        const claim = this.#claims.get(run.id)
        const isFree = !claim || (!claim.isAcknowledged && claim.until <= now)
        const isMeant =
          agent === true && (invocationMethod === undefined || type === invocationMethod)
        return run.endedAt === undefined && isMeant && isFree
      })
      .slice(0, Number(limit))
    for (const { id } of claimable) {
      this.#claims.set(id, { until: now + Number(visibilityTimeoutMs), isAcknowledged: false })
    }
    return claimable.map(({ id, status, action }) => ({
      id,
      status,
      action: { identifier: action.identifier },
      payload: action.invocationMethod,
    }))
  }

  #acknowledge(body: unknown): Response {
    const { runId, runIds } = isRecord(body) ? body : {}
    const ids = Array.isArray(runIds) ? runIds.map(String) : []
    if (typeof runId === 'string') {
      if (!this.#take(runId)) refuse(409, 'conflict', `Run "${runId}" is not claimed`)
      return json(200, { ok: true, ackedCount: 1 })
    }
    return json(200, { ok: true, ackedCount: ids.filter((id) => this.#take(id)).length })
  }

  #take(id: string): boolean {
    const claim = this.#claims.get(id)
    if (!claim || claim.isAcknowledged) return false
    claim.isAcknowledged = true
    return true
  }
}
