import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { type Clock, InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import { parseTriggerData } from '@port-dispatch/core/action'
import { verify } from '@port-dispatch/core/port'
import { findRunId } from '@port-dispatch/core/run'
import { Hono } from 'hono'
import type { Intake, Settlement, Source, Work } from '../work.ts'
import { listening } from './listening.ts'

export interface WebhookSourceOptions {
  host: string
  port: number
  /** PEM texts, to serve HTTPS. */
  tls?: { cert: string; key: string } | undefined
  /** The client secrets that webhooks can be signed with; several while one is rotated. */
  secrets: readonly string[]
  /**
   * When a webhook is responded to: once it is taken (202), or, where the action is `synchronized`, once the run has
   * ended, with a status that says how. Default `taken`.
   */
  respond?: 'taken' | 'finished' | undefined
  clock: Clock
}

/** The longest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024
/** A webhook is responded to at the latest after this time, if its end is not waited for. */
const TAKEN_WITHIN_MS = 800

/** A reason that is made once: without one, each abort makes an error with a stack. */
const OVER = new Error('It is over.')

/** What a settlement is for a caller that waits for it. */
const STATUS: Record<string, 200 | 202 | 500 | 503> = {
  success: 200,
  failure: 500,
  refused: 500,
  unknown: 500,
  accepted: 202,
  skipped: 202,
}

/** Takes runs from the signed webhooks that Port sends to this server. */
export class WebhookSource implements Source {
  readonly name = 'webhook'
  readonly #options: WebhookSourceOptions
  #state: Source['state'] = { ready: false, reason: 'does not listen yet' }
  #address = ''

  constructor(options: WebhookSourceOptions) {
    this.#options = options
  }

  get state(): Source['state'] {
    return this.#state
  }

  /** Where it listens: `http://HOST:PORT`. */
  get address(): string {
    return this.#address
  }

  async run(intake: Intake, signal: AbortSignal): Promise<void> {
    const { host, port } = this.#options
    const underWay = new Set<Promise<unknown>>()
    const app = this.#app(intake, signal, (work) => {
      underWay.add(work)
      work.finally(() => underWay.delete(work))
    })
    const server = this.#server(app)
    this.#address = await listening(server, {
      host,
      port,
      scheme: this.#options.tls ? 'https' : 'http',
    })
    this.#state = { ready: true }
    await aborted(signal)
    this.#state = { ready: false, reason: 'stops' }
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await Promise.all(underWay)
    server.closeIdleConnections()
    // A client that keeps its connection open for ever must not hold up the end.
    setTimeout(() => server.closeAllConnections(), 500).unref()
    await closed
  }

  #server(app: Hono): Server {
    const listener = getRequestListener(app.fetch)
    const { tls } = this.#options
    const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener)
    server.requestTimeout = 30_000
    server.headersTimeout = 10_000
    return server
  }

  #app(intake: Intake, signal: AbortSignal, add: (work: Promise<unknown>) => void): Hono {
    const app = new Hono()
    app.post('*', async ({ req }) => {
      if (signal.aborted) return refuse(503, 'The agent stops.')
      const body = await readBody(req.raw)
      if (body === undefined) {
        await intake.refuse({
          source: this.name,
          reason: 'too-large',
          message: `A webhook has more than ${MAX_BODY_BYTES} bytes.`,
        })
        return refuse(413, `The body has more than ${MAX_BODY_BYTES} bytes.`)
      }
      const { secrets, clock } = this.#options
      const headers = Object.fromEntries(req.raw.headers)
      const verification = verify({ secrets, headers, body, now: clock.now() })
      if (!verification.valid) {
        const { reason, message } = verification
        await intake.refuse({
          source: this.name,
          reason,
          message: `A webhook was refused: ${message}`,
        })
        return refuse(401, message)
      }
      const work = this.#workOf(parsed(body), clock.now())
      if (typeof work === 'string') {
        await intake.refuse({
          source: this.name,
          reason: 'no-run-id',
          message: `A webhook was refused: ${work}`,
        })
        return refuse(422, work)
      }
      return await this.#respond(intake, work, add)
    })
    app.all('*', () => refuse(405, 'Port sends webhooks with POST.'))
    app.onError(() => refuse(500, 'Unexpected error.'))
    return app
  }

  async #respond(
    intake: Intake,
    work: Work,
    add: (work: Promise<unknown>) => void,
  ): Promise<Response> {
    const { clock, respond = 'taken' } = this.#options
    const waits = respond === 'finished' && work.invocationMethod.synchronized === true
    const taken = Promise.withResolvers<void>()
    const settled = intake
      .execute({ ...work, onStarted: async () => taken.resolve() })
      .then(async (settlement) => {
        await this.#giveBack(intake, work, settlement)
        return settlement
      })
    add(settled)
    if (waits) return answer(await settled)
    const isOver = new AbortController()
    // What is announced in Port is not lost when this process is.
    await Promise.race([
      taken.promise,
      settled,
      clock.sleep(TAKEN_WITHIN_MS, isOver.signal).catch(() => {}),
    ])
    isOver.abort(OVER)
    return Response.json({ ok: true, runId: work.runId }, { status: 202 })
  }

  /** Port sends a webhook once: a run that was not begun when the agent stopped would stay open for ever. */
  async #giveBack(intake: Intake, { runId }: Work, settlement: Settlement): Promise<void> {
    if (settlement.type === 'done' || settlement.begun) return
    await intake.refuse({
      source: this.name,
      reason: 'stopped',
      message: 'The agent stopped before it could start this run. Run the action again.',
      runId,
    })
  }

  /** @returns what is wrong, if it is no work */
  #workOf(message: unknown, receivedAt: number): Work | string {
    if (!isJsonObject(message)) return 'The body is not a JSON object.'
    const found = findRunId(message)
    if (!found.found) return 'The body does not hold the ID of a Port run.'
    const { runId } = found
    const context = contextOf(message, runId)
    const action = isJsonObject(context.action) ? context.action.identifier : undefined
    return {
      runId,
      source: this.name,
      ...(typeof action === 'string' && { action }),
      invocationMethod: methodIn(message),
      message,
      context,
      // Port sends it once, but whoever is in between can send it again.
      mayHaveBegun: 'maybe',
      receivedAt,
    }
  }
}

function contextOf(message: JsonObject, runId: string): JsonObject {
  try {
    return { ...parseTriggerData(message).context, run: { id: runId } }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    // A body of the action's own: routes see it as `message`.
    return {
      inputs: null,
      trigger: null,
      event: null,
      entity: null,
      run: { id: runId },
      secrets: {},
    }
  }
}

function methodIn({ payload }: JsonObject): JsonObject {
  const action = isJsonObject(payload) ? payload.action : undefined
  const method = isJsonObject(action) ? action.invocationMethod : undefined
  return isJsonObject(method) ? method : { type: 'WEBHOOK' }
}

async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function answer(settlement: Settlement): Response {
  if (settlement.type === 'handed-over') return refuse(503, 'The agent stopped.')
  const { result } = settlement
  const status = STATUS[result] ?? 500
  return Response.json({ ok: status < 300, result }, { status })
}

function refuse(status: number, message: string): Response {
  return Response.json({ ok: false, message }, { status })
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
