import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Certificate } from './certificate.ts'

/** An HTTP proxy that leads every host to one server, so that what arrives there came through it. */
export class TestProxy {
  /** `METHOD host` of every request and tunnel. */
  readonly seen: string[] = []
  readonly #server: Server
  readonly #scheme: string

  private constructor(target: URL, certificate?: Certificate) {
    const port = Number(target.port)
    this.#scheme = certificate ? 'https' : 'http'
    const forward = (incoming: IncomingMessage, response: ServerResponse) => {
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
    }
    this.#server = certificate ? createSecureServer(certificate, forward) : createServer(forward)
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

  /** @param certificate the proxy is reached by TLS if it has one */
  static async start(target: string, certificate?: Certificate): Promise<TestProxy> {
    const proxy = new TestProxy(new URL(target), certificate)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
