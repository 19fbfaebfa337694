import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Certificate } from './certificate.ts'

/** What a server does with a connection whose first bytes have come. */
export type Behaviour = (socket: Socket, received: string, connection: number) => void

/** A server below HTTP, which can do everything that a server must not do. */
export class RawServer {
  /** Everything that came, one text for each connection. */
  readonly received: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #scheme: string

  private constructor(behave: Behaviour, certificate?: Certificate) {
    const onConnection = (socket: Socket) => {
      const index = this.received.push('') - 1
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('data', (bytes) => {
        this.received[index] += bytes.toString('latin1')
        behave(socket, this.received[index] ?? '', index)
      })
    }
    this.#scheme = certificate ? 'https' : 'http'
    this.#server = certificate
      ? createTlsServer(certificate, onConnection)
      : createServer(onConnection)
    this.#server.on('tlsClientError', () => {})
  }

  /** @param behave called with all that has come on the connection, each time something comes */
  static async start(behave: Behaviour, certificate?: Certificate): Promise<RawServer> {
    const server = new RawServer(behave, certificate)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  /** A server that sends the same bytes in response to each request, and closes the connection if it is told to. */
  static async responding(response: string | Buffer, then: 'close' | 'keep' = 'close') {
    return await RawServer.start((socket, received) => {
      if (!received.includes('\r\n\r\n')) return
      socket.write(response)
      if (then === 'close') socket.end()
    })
  }

  /** From now on connections are reset as soon as they are made. */
  resetConnections(): void {
    this.#server.prependListener('connection', (socket: Socket) => socket.resetAndDestroy())
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  get connections(): number {
    return this.received.length
  }

  /** How many connections are open now. */
  get open(): number {
    return this.#sockets.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
