import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import { verify } from '@port-dispatch/core/port'
import { Hono } from 'hono'
import type { Intake, Source } from '../work.ts'
import { listening } from './listening.ts'
import { readBody, workOf } from './webhook-message.ts'
import { refusal, WebhookRuns, type WebhookRunsOptions } from './webhook-runs.ts'

export interface WebhookSourceOptions extends WebhookRunsOptions {
  listen: { host: string; port: number }
  /** PEM texts, to serve HTTPS. */
  tls?: { cert: string; key: string } | undefined
  /** The client secrets that webhooks can be signed with; several while one is rotated. */
  secrets: readonly string[]
}

/** The longest body that is read, in bytes. */
const MAX_BODY_BYTES = 1024 * 1024
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
    const { listen, tls } = this.#options
    const runs = new WebhookRuns(this.#options, intake)
    const app = this.#app(intake, signal, runs)
    const server = this.#server(app)
    this.#address = await listening(server, {
      ...listen,
      scheme: tls ? 'https' : 'http',
      variable: 'PORT_DISPATCH_LISTEN',
    })
    this.#state = { ready: true }
    const left = runs.watch(signal)
    await Promise.race([aborted(signal), left.then(() => aborted(signal))])
    this.#state = { ready: false, reason: 'stops' }
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await left
    await runs.settled()
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

  #app(intake: Intake, signal: AbortSignal, runs: WebhookRuns): Hono {
    const app = new Hono()
    app.post('*', async ({ req }) => {
      if (signal.aborted) return refusal(503, 'The agent stops.')
      const body = await readBody(req.raw, MAX_BODY_BYTES)
      if (body === undefined) {
        await intake.refuse({
          source: this.name,
          reason: 'too-large',
          message: `A webhook has more than ${MAX_BODY_BYTES} bytes.`,
        })
        return refusal(413, `The body has more than ${MAX_BODY_BYTES} bytes.`)
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
        return refusal(401, message)
      }
      const work = workOf(body, clock.now())
      if (typeof work === 'string') {
        await intake.refuse({
          source: this.name,
          reason: 'no-run-id',
          message: `A webhook was refused: ${work}`,
        })
        return refusal(422, work)
      }
      return await runs.respond(work)
    })
    app.all('*', () => refusal(405, 'Port sends webhooks with POST.'))
    app.onError(() => refusal(500, 'Unexpected error.'))
    return app
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
