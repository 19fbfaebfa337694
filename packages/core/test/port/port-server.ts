import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@port-dispatch/core'
import { PortClient, type PortClientOptions } from '@port-dispatch/core/port'
import { InstantClock } from '../../../../test/support/instant-clock.ts'

export interface Request {
  method: string
  /** With its query. */
  path: string
  headers: IncomingMessage['headers']
  body: JsonObject
}

export interface Answer {
  status?: number
  /** JSON, or the text as it is. */
  body?: unknown
  text?: string
  headers?: Record<string, string>
}

/**
 * What goes wrong with a request. `after`: Port has done what was requested all the same.
 * `reset` closes the connection, `hang` never answers.
 */
export type Fault = Answer | 'reset' | 'hang' | { after: Answer | 'reset' } | undefined

interface Run extends JsonObject {
  id: string
  status: string
}

/** The part of Port that reporting needs, on a real HTTP server, with faults. */
export class PortServer {
  readonly clock = new InstantClock()
  readonly requests: Request[] = []
  readonly runs = new Map<string, Run>()
  readonly logs = new Map<string, { message: string; createdAt: string }[]>()
  readonly nodeRuns = new Map<string, JsonObject>()
  readonly nodeLogs: JsonObject[] = []
  /** Decides for each request but the sign-in. */
  fault: (request: Request) => Fault | Promise<Fault> = () => undefined
  /** Answers requests that this server does not know. */
  answer: (request: Request) => Answer = () => ({
    status: 404,
    body: { ok: false, error: 'not_found', message: 'Route not found' },
  })
  signIn: () => Fault = () => undefined
  /** By how much Port's clock is ahead of ours. */
  ahead = 0
  readonly #server: Server
  #tokens = 0

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
    this.#server.keepAliveTimeout = 1
  }

  static async start(): Promise<PortServer> {
    const port = new PortServer()
    port.#server.listen(0, '127.0.0.1')
    await once(port.#server, 'listening')
    return port
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  client(options: Partial<PortClientOptions> = {}): PortClient {
    return new PortClient({
      baseUrl: this.url,
      clientId: 'id',
      clientSecret: 'a-client-secret',
      clock: this.clock,
      ...options,
    })
  }

  /** Method and path of every request, without signing in. */
  get calls(): string[] {
    return this.requests
      .filter(({ path }) => !path.endsWith('/access_token'))
      .map(({ method, path }) => `${method} ${path}`)
  }

  addRun(id: string, run: JsonObject = {}): Run {
    const added = { id, status: 'IN_PROGRESS', link: [], ...run }
    this.runs.set(id, added)
    return added
  }

  logsOf(id: string): string[] {
    return (this.logs.get(id) ?? []).map(({ message }) => message)
  }

  now(): Date {
    return new Date(this.clock.now() + this.ahead)
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await incoming.toArray()).toString()
    const request: Request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text ? JSON.parse(text) : {},
    }
    this.requests.push(request)
    const isSignIn = request.path === '/v1/auth/access_token'
    const fault = isSignIn ? this.signIn() : await this.fault(request)
    if (fault === 'reset') return void response.destroy()
    if (fault === 'hang') return
    if (fault && !('after' in fault)) return this.#send(response, fault)
    const answer = isSignIn ? this.#token() : this.#handle(request)
    if (fault?.after === 'reset') return void response.destroy()
    this.#send(response, fault?.after ?? answer)
  }

  #send(response: ServerResponse, { status = 200, body, text, headers }: Answer): void {
    response.sendDate = false
    response.writeHead(status, {
      date: this.now().toUTCString(),
      'content-type': 'application/json',
      ...headers,
    })
    response.end(text ?? (body === undefined ? '' : JSON.stringify(body)))
  }

  #token(): Answer {
    this.#tokens++
    return {
      body: {
        ok: true,
        accessToken: `token-${this.#tokens}`,
        expiresIn: 3600,
        tokenType: 'Bearer',
      },
    }
  }

  #handle(request: Request): Answer {
    const { pathname, searchParams } = new URL(request.path, 'http://x')
    const parts = pathname.split('/').slice(2).map(decodeURIComponent)
    const [topic, kind, id = '', part] = parts
    if (topic === 'actions' && kind === 'runs' && parts.length === 2) {
      const wanted = searchParams.get('external_run_id')
      const runs = [...this.runs.values()].filter((run) => run.externalRunId === wanted)
      return { body: { ok: true, runs } }
    }
    if (topic === 'actions' && kind === 'runs' && id.startsWith('r_')) {
      return this.#run(request, id, part === 'logs', searchParams)
    }
    if (topic === 'workflows' && kind === 'nodes')
      return this.#nodeRun(request, parts, searchParams)
    return this.answer(request)
  }

  #run({ method, body }: Request, id: string, isLog: boolean, query: URLSearchParams): Answer {
    const run = this.runs.get(id)
    if (!run) return refusal(404, 'not_found', `Action run with id "${id}" was not found`)
    const logs = this.logs.get(id) ?? []
    this.logs.set(id, logs)
    if (method === 'GET') {
      const offset = Number(query.get('offset') ?? 0)
      const runLogs = logs.slice(offset, offset + Number(query.get('limit') ?? 50))
      return { body: { ok: true, ...(isLog ? { runLogs } : { run }) } }
    }
    if (['SUCCESS', 'FAILURE'].includes(run.status)) {
      return refusal(422, 'run_ended', `The run ended with ${run.status} and cannot be changed`)
    }
    if (!isLog) {
      Object.assign(run, body)
      return { body: { ok: true, run } }
    }
    logs.push({ message: String(body.message), createdAt: this.now().toISOString() })
    if (body.terminationStatus) {
      Object.assign(run, { status: body.terminationStatus, statusLabel: body.statusLabel })
    }
    return { status: 201, body: { ok: true } }
  }

  #nodeRun({ method, body }: Request, parts: string[], query: URLSearchParams): Answer {
    if (parts.length === 3) {
      const wanted = query.get('external_run_id')
      const nodeRuns = [...this.nodeRuns.values()].filter((run) => run.externalRunId === wanted)
      return { body: { ok: true, nodeRuns } }
    }
    const run = this.nodeRuns.get(parts[3] ?? '')
    if (!run) return refusal(404, 'not_found', 'Node run was not found')
    if (method === 'GET') return { body: { ok: true, nodeRun: run } }
    if (run.status === 'COMPLETED') return refusal(422, 'ended', 'The node run is completed')
    if (parts[4] === 'logs') {
      this.nodeLogs.push(...(body.logs as JsonObject[]))
      return { status: 201, body: { ok: true } }
    }
    Object.assign(run, body)
    return { body: { ok: true, nodeRun: run } }
  }
}

export function refusal(
  status: number,
  error: string,
  message?: string,
  details?: unknown,
): Answer {
  return { status, body: { ok: false, error, message, details } }
}
