import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { formatError } from '@port-dispatch/core'
import { PortError, type PortRun, verify } from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'
import { Hono } from 'hono'
import type { Intake, Settlement, Source, Work } from '../work.ts'
import { claimedWork } from './claimed-work.ts'
import { listening } from './listening.ts'
import { type FollowOnOptions, followOn, openParts } from './open-runs.ts'
import { type Orphan, Orphans, RECEIVED } from './orphans.ts'
import { readBody, workOf } from './webhook-message.ts'

export interface WebhookSourceOptions extends FollowOnOptions {
  listen: { host: string; port: number }
  /** PEM texts, to serve HTTPS. */
  tls?: { cert: string; key: string } | undefined
  /** The client secrets that webhooks can be signed with; several while one is rotated. */
  secrets: readonly string[]
  /**
   * When a webhook is responded to: once it is taken (202), or, where the action is `synchronized`, once the run has
   * ended, with a status that says how. Default `taken`.
   */
  respond?: 'taken' | 'finished' | undefined
  /** How long a run that came by webhook shows no progress until its agent is held to have ended, in milliseconds. */
  orphanedAfter: number
}

/** The longest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024
/** A webhook is responded to at the latest after this time, if its end is not waited for. */
const TAKEN_WITHIN_MS = 600
const SAID_WITHIN_MS = 5_000

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
  readonly #held = new Set<string>()
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
    const { listen, tls } = this.#options
    const underWay = new Set<Promise<unknown>>()
    const add = (work: Promise<unknown>) => {
      underWay.add(work)
      work.finally(() => underWay.delete(work))
    }
    const app = this.#app(intake, signal, add)
    const server = this.#server(app)
    this.#address = await listening(server, { ...listen, scheme: tls ? 'https' : 'http' })
    this.#state = { ready: true }
    const orphans = new Orphans({ ...this.#options, after: this.#options.orphanedAfter })
    const left = Promise.all([
      followOn(this.name, intake, signal, this.#options),
      orphans.watch(signal, (orphan) => add(this.#settleOrphan(intake, orphan))),
    ])
    await Promise.race([aborted(signal), left.then(() => aborted(signal))])
    this.#state = { ready: false, reason: 'stops' }
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await left
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
      const body = await readBody(req.raw, MAX_BODY_BYTES)
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
      const work = workOf(body, clock.now())
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
    const { respond = 'taken' } = this.#options
    const { runId } = work
    const taken = Promise.withResolvers<void>()
    const sentBack = new AbortController()
    this.#held.add(runId)
    const settled = intake
      .execute({ ...work, onStarted: async () => taken.resolve() }, sentBack.signal)
      .then(async (settlement) => {
        if (!sentBack.signal.aborted) await this.#giveBack(intake, work, settlement)
        return settlement
      })
      .finally(() => this.#held.delete(runId))
    add(settled)
    const waits = respond === 'finished' && work.invocationMethod.synchronized === true
    if (waits) return answer(await settled)
    const isOnItsWay = await this.#within(Promise.race([taken.promise, settled]), TAKEN_WITHIN_MS)
    // What Port shows is not lost when this process is. What it does not show stays with whoever sent it.
    if (!isOnItsWay && !(await this.#say(work))) {
      sentBack.abort(new Error('Port does not respond.'))
      const settlement = await settled
      if (settlement.type === 'handed-over' && !settlement.begun) {
        return refuse(503, 'Port does not respond to the agent: send it again later.')
      }
    }
    return Response.json({ ok: true, runId }, { status: 202 })
  }

  /** Whether something has happened within a time. */
  async #within(what: Promise<unknown>, time: number): Promise<boolean> {
    const isOver = new AbortController()
    const late = this.#options.clock.sleep(time, isOver.signal).then(
      () => false,
      () => true,
    )
    try {
      return await Promise.race([what.then(() => true), late])
    } finally {
      isOver.abort(OVER)
    }
  }

  /**
   * Says in Port that the run is here: whoever finds it when this process is gone knows what happened.
   *
   * @returns whether Port responds
   */
  async #say({ runId }: Work): Promise<boolean> {
    const { port, clock, logger, nameOf } = this.#options
    if (isNodeRunId(runId)) return true
    try {
      const deadline = clock.now() + SAID_WITHIN_MS
      await port.runs.addLog(runId, { message: RECEIVED }, { deadline })
      return true
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      if (error.isRefusal) return true
      logger.warning(formatError(error, nameOf))
      return false
    }
  }

  /** Nothing is started for a run that another agent had: it is found and followed, ended, or unknown. */
  async #settleOrphan(intake: Intake, { run, state }: Orphan): Promise<void> {
    if (this.#held.has(run.id)) return
    if (state === 'received') {
      await intake.refuse({
        source: this.name,
        reason: 'orphaned',
        message:
          'The agent that had received this run ended before it started anything. Run the action again.',
        runId: run.id,
      })
      return
    }
    const { clock } = this.#options
    const receivedAt = clock.now()
    const parts = { ...openParts(run), source: 'webhook' as const, receivedAt }
    await intake.execute(claimedWork({ ...parts, mayHaveBegun: 'yes' }))
  }

  /**
   * Port sends a webhook once: a run that was not begun when the agent stopped would stay open until another agent finds
   * it. Who sends it twice may have sent it to an agent that has begun it.
   */
  async #giveBack(intake: Intake, { runId }: Work, settlement: Settlement): Promise<void> {
    if (settlement.type === 'done' || settlement.begun) return
    const { port, clock } = this.#options
    try {
      const deadline = clock.now() + SAID_WITHIN_MS
      if (!isNodeRunId(runId) && isBegun(await port.runs.get(runId, { deadline }))) return
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      return
    }
    await intake.refuse({
      source: this.name,
      reason: 'stopped',
      message: 'The agent stopped before it could start this run. Run the action again.',
      runId,
    })
  }
}

function isBegun({ statusLabel, externalRunId }: PortRun): boolean {
  return statusLabel !== undefined || externalRunId !== undefined
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
