// What Port offers to those who execute runs. Not in Port's published API: read from what its own open-source clients
// send. Responses are as gentle as theirs.
import { type JsonObject, PortDispatchError } from '@port-dispatch/core'
import type { Hono } from 'hono'
import { json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { PortDefinition } from '../definition/definition.ts'
import { isRecord } from '../is-record.ts'
import { Claims, isFor } from './claims.ts'
import { renderedPayload, sendWebhook } from './hand-out.ts'
import type { PortAccess } from './port-access.ts'
import { refuse } from './refuse.ts'
import type { PortRun } from './run-store.ts'

export class ExecutionService {
  readonly #port: PortAccess
  readonly #definition: PortDefinition
  readonly #context: Context
  readonly #claims: Claims

  constructor(port: PortAccess, definition: PortDefinition, context: Context) {
    this.#port = port
    this.#definition = definition
    this.#context = context
    this.#claims = new Claims(context.now)
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
    app.patch('/v1/organization', ({ req }) =>
      guard(req.raw, async () => this.#setOrganization(await body(req.raw))),
    )
    app.post('/v1/actions/runs/claim-pending', ({ req }) =>
      guard(req.raw, async () =>
        json(200, { ok: true, runs: await this.#claim(await body(req.raw)) }),
      ),
    )
    app.patch('/v1/actions/runs/ack', ({ req }) =>
      guard(req.raw, async () => this.#acknowledge(await body(req.raw))),
    )
  }

  /** The sandbox hands out runs in every way at once, and takes what agents say without a change. */
  #setOrganization(body: unknown): Response {
    const settings = isRecord(body) && isRecord(body.settings) ? body.settings : {}
    const { portAgentStreamerName: streamer } = settings
    if (streamer !== 'KAFKA' && streamer !== 'POLLING') {
      refuse(422, 'invalid_request', 'portAgentStreamerName must be KAFKA or POLLING')
    }
    const { organization: id } = this.#definition
    return json(200, {
      ok: true,
      organization: { id, settings: { portAgentStreamerName: streamer } },
    })
  }

  async #claim(body: unknown): Promise<Record<string, unknown>[]> {
    const request = isRecord(body) ? body : {}
    const open = this.#port.runs
      .all()
      .toReversed()
      .filter((run) => run.endedAt === undefined && isFor(run.action.invocationMethod, request))
    const claimed = this.#claims.take(open, ({ id }) => id, request)
    return (await Promise.all(claimed.map((run) => this.#claimed(run)))).flat()
  }

  /** A run whose templates cannot be rendered is claimed by nobody: it fails. */
  async #claimed(run: PortRun): Promise<Record<string, unknown>[]> {
    try {
      const { id, status, action, createdAt } = run
      return [
        {
          id,
          status,
          action: { identifier: action.identifier },
          payload: await this.#payloadOf(run),
          createdAt: new Date(createdAt).toISOString(),
        },
      ]
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      this.#port.runs.log(run.id, error.message, 'sandbox')
      this.#port.runs.change(run.id, { status: 'FAILURE', statusLabel: 'Not rendered' })
      return []
    }
  }

  async #payloadOf(run: PortRun): Promise<JsonObject> {
    const { organization } = this.#definition
    run.payload ??= await renderedPayload(run, { organization, origin: this.#context.origin })
    return run.payload
  }

  /** Sends the webhook of a run that is not for an agent. A synchronized one ends the run. */
  async sendWebhook(run: PortRun): Promise<void> {
    const { type, agent } = run.action.invocationMethod
    if (type !== 'WEBHOOK' || agent === true) return
    const { runs } = this.#port
    const secret = this.#definition.credentials[0]?.clientSecret ?? ''
    const payload = await this.#payloadOf(run)
    const delivery = await sendWebhook(payload, { secret, now: this.#context.now() })
    // The receiver may have ended it meanwhile.
    if (run.endedAt !== undefined) return
    if (delivery.type === 'not-sent') {
      runs.log(run.id, delivery.why, 'sandbox')
      runs.change(run.id, { status: 'FAILURE', statusLabel: 'Not sent' })
      return
    }
    const { status, response } = delivery
    if (payload.synchronized !== true && status < 400) return
    if (payload.synchronized === true) runs.respond(run.id, response)
    runs.log(run.id, `The webhook responded with ${status}.`, 'sandbox')
    runs.change(run.id, {
      status: status < 400 ? 'SUCCESS' : 'FAILURE',
      statusLabel: String(status),
    })
  }

  #acknowledge(body: unknown): Response {
    const { runId, runIds } = isRecord(body) ? body : {}
    const ids = Array.isArray(runIds) ? runIds.map(String) : []
    if (typeof runId === 'string') {
      if (!this.#claims.acknowledge(runId)) refuse(409, 'conflict', `Run "${runId}" is not claimed`)
      return json(200, { ok: true, ackedCount: 1 })
    }
    return json(200, {
      ok: true,
      ackedCount: ids.filter((id) => this.#claims.acknowledge(id)).length,
    })
  }
}
