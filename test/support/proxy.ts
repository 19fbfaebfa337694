import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** An HTTP proxy that leads every host to one server, so that what arrives there came through it. */
export class TestProxy {
  /** `METHOD host` of every request and tunnel. */
  readonly seen: string[] = []
  readonly #server: Server

  private constructor(target: URL) {
    const port = Number(target.port)
    this.#server = createServer((incoming, response) => {
      const url = new URL(incoming.url ?? '')
      this.seen.push(`${incoming.method} ${url.host}`)
      const { method, headers } = incoming
      const path = url.pathname + url.search
      incoming.pipe(
        request({ host: target.hostname, port, path, method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
        }),
      )
    })
    this.#server.on('connect', (incoming, client) => {
      this.seen.push(`CONNECT ${incoming.url}`)
      const server = connect(port, target.hostname, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        server.pipe(client).pipe(server)
      })
      server.on('error', () => client.destroy())
      client.on('error', () => server.destroy())
    })
  }

  static async start(target: string): Promise<TestProxy> {
    const proxy = new TestProxy(new URL(target))
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
