import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { json } from './answer.ts'
import type { Context } from './context.ts'
import { defaultDefinition } from './definition/default-definition.ts'
import type { SandboxDefinition } from './definition/definition.ts'
import { parseSandboxDefinition } from './definition/parse-definition.ts'
import { environmentOf } from './environment.ts'
import { type Exchange, recordExchanges } from './exchange.ts'
import { GitHubService } from './github/github-service.ts'
import { GitLabService } from './gitlab/gitlab-service.ts'
import { answerPage } from './pages/answer-page.ts'
import { PortService } from './port/port-service.ts'
import { SandboxState } from './state.ts'
import { type ReceivedWebhook, WebhookReceiver } from './webhooks.ts'

export interface SandboxOptions {
  /** What to serve. Default: `defaultDefinition`. */
  definition?: SandboxDefinition
  /** The port to listen on. Default: a free port. */
  port?: number
  /** The address to listen on. Default: `127.0.0.1`. */
  host?: string
  /** Returns the time in milliseconds since 1970. Default: `Date.now`. Nothing else makes time pass. */
  now?: () => number
  /** How many times faster than in the definition runs and pipelines progress. Default: 1. */
  speed?: number
  /** Called with each request and its response, before the response is sent. */
  onExchange?: (exchange: Exchange) => void
  /** How many of the latest exchanges to keep. Default: 10,000. */
  rememberedExchanges?: number
}

export interface Sandbox extends SandboxState {
  /** The origin of all services, without a trailing slash. */
  readonly url: string
  /** The environment variables that point a tool to the sandbox. */
  readonly environment: Readonly<Record<string, string>>
  /** The latest requests and their responses, in the order of the responses. */
  readonly exchanges: readonly Exchange[]
  /** What arrived at `{url}/webhooks/…`, in order. */
  readonly webhooks: readonly ReceivedWebhook[]
  /** Stops immediately and closes open connections. */
  close(): Promise<void>
}

/**
 * Serves stand-ins of Port, GitHub and GitLab on one local origin.
 *
 * @throws DefinitionError if the definition is not valid
 * @throws the error of the system if the port is in use
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { now = Date.now, speed = 1, port = 0, host = '127.0.0.1' } = options
  const { onExchange, rememberedExchanges = 10_000 } = options
  const definition = options.definition
    ? parseSandboxDefinition(options.definition)
    : defaultDefinition
  const context: Context = { origin: '', now, second: 1000 / speed }
  const services = {
    port: new PortService(definition.port, context),
    github: new GitHubService(definition.github, context),
    gitlab: new GitLabService(definition.gitlab, context),
  }
  const app = new Hono()
  services.port.addTo(app)
  services.github.addTo(app)
  services.gitlab.addTo(app)
  const webhooks = new WebhookReceiver(
    definition.port.credentials.map(({ clientSecret }) => clientSecret),
    context,
  )
  webhooks.addTo(app)
  const state = new SandboxState(services, context)
  app.notFound(({ req }) => {
    const url = new URL(req.url)
    const page = req.method === 'GET' ? answerPage(url, services, state) : undefined
    return page ?? notFound(url.pathname)
  })

  const exchanges: Exchange[] = []
  const keep = (exchange: Exchange) => {
    exchanges.push(exchange)
    if (exchanges.length > rememberedExchanges) exchanges.shift()
    onExchange?.(exchange)
  }
  const answer = recordExchanges(app.fetch, now, keep)
  const server = createAdaptorServer({
    fetch: (request) => (isForThis(request, host) ? answer(request) : misdirected(request)),
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const served = typeof address === 'object' && address ? address.port : port
  context.origin = `http://${host.includes(':') ? `[${host}]` : host}:${served}`

  return Object.assign(state, {
    url: context.origin,
    environment: environmentOf(definition, context.origin),
    exchanges,
    webhooks: webhooks.received,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  })
}

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * Whether a request names this machine as its host. A page in a browser whose own name was made to resolve to a loopback
 * address (DNS rebinding) does not. Who listens on another address than loopback wants to be reached by other names.
 */
function isForThis({ url }: Request, listensOn: string): boolean {
  const bracketed = listensOn.includes(':') ? `[${listensOn}]` : listensOn
  return !LOOPBACK.test(bracketed) || LOOPBACK.test(new URL(url).hostname)
}

function misdirected({ url }: Request): Response {
  const message = `The sandbox answers to localhost and 127.0.0.1, not to ${new URL(url).hostname}.`
  return new Response(message, { status: 421, headers: { 'content-type': 'text/plain' } })
}

/** The error of each service, in its own format, for an unknown address. */
function notFound(path: string): Response {
  if (path.startsWith('/v1/'))
    return json(404, { ok: false, error: 'not_found', message: `Route ${path} was not found` })
  if (path.startsWith('/api/v3'))
    return json(404, {
      message: 'Not Found',
      documentation_url: 'https://docs.github.com/rest',
      status: '404',
    })
  if (path.startsWith('/api/v4')) return json(404, { error: '404 Not Found' })
  return new Response('Not found', { status: 404 })
}
