import type { Hono } from 'hono'
import { answerOf, json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { PortAction, PortDefinition } from '../definition/definition.ts'
import { parseBody } from '../exchange.ts'
import { actionFrom } from './action-from.ts'
import { CatalogService } from './catalog-service.ts'
import { checkBody } from './check-body.ts'
import { checkProperties } from './check-properties.ts'
import { ExecutionService } from './execution-service.ts'
import { NodeRunService } from './node-run-service.ts'
import { refuse } from './refuse.ts'
import { logJson, runJson } from './run-json.ts'
import { type PortRun, PortRuns } from './run-store.ts'
import { PortTokens } from './tokens.ts'

const LARGEST_BODY = 1024 * 1024

/** Port's API under `/v1`: tokens, actions, runs and their logs. */
export class PortService {
  readonly runs: PortRuns
  readonly tokens: PortTokens
  readonly actions: Map<string, PortAction>
  readonly catalog: CatalogService
  readonly nodeRuns: NodeRunService
  readonly #execution: ExecutionService

  constructor(definition: PortDefinition, context: Context) {
    this.runs = new PortRuns(context)
    this.tokens = new PortTokens(definition, context)
    this.catalog = new CatalogService(this)
    this.nodeRuns = new NodeRunService(this, definition.nodeRuns ?? [], context)
    this.#execution = new ExecutionService(this, definition, context)
    this.actions = new Map(definition.actions?.map((action) => [action.identifier, action]))
    for (const { action, ...run } of definition.runs ?? [])
      this.runs.create(this.requireAction(action), run)
  }

  requireAction(identifier: string): PortAction {
    return (
      this.actions.get(identifier) ??
      refuse(404, 'not_found', `Action with identifier "${identifier}" was not found`)
    )
  }

  addTo(app: Hono): void {
    app.post('/v1/auth/access_token', ({ req }) =>
      answerOf(async () => json(200, this.tokens.issue(await this.body(req.raw)))),
    )

    // Before the paths with an id, which would match these.
    this.#execution.addTo(app)
    this.catalog.addTo(app)
    this.nodeRuns.addTo(app)
    // Runs first, because `/v1/actions/runs` would otherwise match an action.
    this.#addRuns(app)
    this.#addActions(app)
  }

  #addRuns(app: Hono): void {
    const { runs } = this
    app.get('/v1/actions/runs', ({ req }) =>
      this.guard(req.raw, () => {
        const { external_run_id: externalRunId, action, entity, active, limit } = req.query()
        const found = runs
          .all()
          .filter(
            (run) =>
              (externalRunId === undefined || run.externalRunId === externalRunId) &&
              (action === undefined || run.action.identifier === action) &&
              (entity === undefined || run.entity === entity) &&
              (active !== 'true' || run.endedAt === undefined),
          )
        return json(200, { ok: true, runs: found.slice(0, Number(limit ?? 50)).map(runJson) })
      }),
    )
    app.get('/v1/actions/runs/:id', ({ req }) =>
      this.guard(req.raw, () =>
        json(200, { ok: true, run: runJson(runs.require(req.param('id'))) }),
      ),
    )
    app.patch('/v1/actions/runs/:id', ({ req }) =>
      this.guard(req.raw, async () => {
        const { message: _, ...change } = checkBody(await this.body(req.raw), {
          status: 'status',
          statusLabel: 'string',
          link: 'link',
          message: 'object',
          summary: 'string',
          externalRunId: 'string',
        })
        return json(200, { ok: true, run: runJson(runs.change(req.param('id'), change)) })
      }),
    )
    app.get('/v1/actions/runs/:id/logs', ({ req }) =>
      this.guard(req.raw, () => {
        const { id, logs } = runs.require(req.param('id'))
        const offset = Number(req.query('offset') ?? 0)
        const shown = logs.slice(offset, offset + Number(req.query('limit') ?? 50))
        return json(200, { ok: true, runLogs: shown.map((log) => logJson(id, log)) })
      }),
    )
    app.post('/v1/actions/runs/:id/logs', ({ req }) =>
      this.guard(req.raw, async (clientId) => {
        const id = req.param('id')
        const { message, terminationStatus, statusLabel } = checkBody(
          await this.body(req.raw),
          { message: 'string', terminationStatus: 'status', statusLabel: 'string' },
          ['message'],
        )
        const log = runs.log(id, message, clientId)
        runs.change(id, {
          ...(terminationStatus && { status: terminationStatus }),
          ...(statusLabel !== undefined && { statusLabel }),
        })
        return json(201, { ok: true, runLog: logJson(id, log) })
      }),
    )
  }

  #addActions(app: Hono): void {
    app.post('/v1/actions', ({ req }) =>
      this.guard(req.raw, async () => {
        const action = actionFrom(await this.body(req.raw))
        if (this.actions.has(action.identifier))
          refuse(422, 'identifier_taken', `There is already an action "${action.identifier}"`)
        this.actions.set(action.identifier, action)
        return json(201, { ok: true, action })
      }),
    )
    app.get('/v1/actions/:id', ({ req }) =>
      this.guard(req.raw, () =>
        json(200, { ok: true, action: this.requireAction(req.param('id')) }),
      ),
    )
    app.put('/v1/actions/:id', ({ req }) =>
      this.guard(req.raw, async () => {
        const old = this.requireAction(req.param('id'))
        const action = actionFrom(await this.body(req.raw))
        this.actions.delete(old.identifier)
        this.actions.set(action.identifier, action)
        return json(200, { ok: true, action })
      }),
    )
    app.delete('/v1/actions/:id', ({ req }) =>
      this.guard(req.raw, () => {
        this.actions.delete(this.requireAction(req.param('id')).identifier)
        return json(200, { ok: true })
      }),
    )
    app.post('/v1/actions/:id/runs', ({ req }) =>
      this.guard(req.raw, async (clientId) => {
        const action = this.requireAction(req.param('id'))
        const { properties, entity } = checkBody(
          await this.body(req.raw),
          { properties: 'object', entity: 'string' },
          ['properties'],
        )
        checkProperties(action, properties)
        const createdBy = req.query('run_as') ?? clientId
        const run = this.runs.create(action, { properties, entity, createdBy })
        this.#send(run)
        return json(202, { ok: true, run: runJson(run) })
      }),
    )
  }

  /** As in Port, the response does not wait for the webhook. */
  #send(run: PortRun): void {
    this.#execution.sendWebhook(run).catch((error: unknown) => {
      if (run.endedAt !== undefined) return
      this.runs.log(run.id, `The webhook could not be sent: ${error}`, 'sandbox')
      this.runs.change(run.id, { status: 'FAILURE', statusLabel: 'Not sent' })
    })
  }

  /** Responds to a request with a valid token, and to any other one with 401. */
  readonly guard = (
    request: Request,
    handle: (clientId: string) => Response | Promise<Response>,
  ): Promise<Response> => answerOf(() => handle(this.tokens.authenticate(request)))

  readonly body = async (request: Request): Promise<unknown> => {
    const bytes = await request.clone().arrayBuffer()
    if (bytes.byteLength > LARGEST_BODY)
      refuse(413, 'payload_too_large', `Request body is larger than ${LARGEST_BODY} bytes`)
    return parseBody(request)
  }
}
