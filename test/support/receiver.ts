import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Received {
  method: string
  /** Path and query. */
  path: string
  headers: IncomingHttpHeaders
  /** Exactly what came. */
  body: Buffer
}

/** What a receiver does with a request: `index` counts them from 0. */
export type Respond = (response: ServerResponse, request: Received, index: number) => void

/** A server that receives webhooks, and keeps what came. */
export class Receiver {
  readonly received: Received[] = []
  readonly #server
  readonly #scheme: string

  private constructor(respond: Respond, tls?: ServerOptions) {
    this.#scheme = tls ? 'https' : 'http'
    this.#server = tls ? createSecureServer(tls) : createServer()
    this.#server.on('request', async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { method = '', url: path = '', headers } = request
      const received = { method, path, headers, body: Buffer.concat(chunks) }
      const index = this.received.push(received) - 1
      respond(response, received, index)
    })
  }

  static async start(respond: Respond, tls?: ServerOptions): Promise<Receiver> {
    const receiver = new Receiver(respond, tls)
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  /** A receiver that gives every request the same response. */
  static async responding(
    status: number,
    body: unknown = '',
    headers: Record<string, string> = {},
  ): Promise<Receiver> {
    return await Receiver.start((response) => {
      response.writeHead(status, headers)
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  /** The only request that came. */
  get only(): Received {
    const [first, second] = this.received
    if (!first || second) throw new Error(`${this.received.length} requests came instead of one`)
    return first
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}
