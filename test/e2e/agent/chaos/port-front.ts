import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What stands before Port: it hands requests on, or says that Port is away. */
export class PortFront {
  isAway = false
  /** How many requests came. */
  requests = 0
  readonly #server: Server
  #url = ''

  private constructor(origin: string) {
    this.#server = createServer((request, response) => {
      this.requests++
      if (this.isAway) {
        response.writeHead(503).end('{"ok":false,"error":"unavailable"}')
        return
      }
      const { method, url = '', headers } = request
      const onwards = httpRequest(origin + url, { method, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(response)
      })
      onwards.on('error', () => response.destroy())
      request.pipe(onwards)
    })
  }

  /** @param origin of the stand-in of Port */
  static async start(origin: string): Promise<PortFront> {
    const front = new PortFront(origin)
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve))
    front.#url = `http://127.0.0.1:${(front.#server.address() as AddressInfo).port}`
    return front
  }

  get url(): string {
    return this.#url
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
