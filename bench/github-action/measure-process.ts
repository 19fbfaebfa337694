import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A stand-in of Port that answers at once, and knows when it was first asked. */
export class FirstRequestServer {
  readonly #server: Server
  #onRequest: () => void = () => {}

  constructor() {
    this.#server = createServer((request, response) => {
      this.#onRequest()
      this.#onRequest = () => {}
      const body = request.url?.endsWith('/access_token')
        ? { ok: true, accessToken: 'bench', expiresIn: 10_800, tokenType: 'Bearer' }
        : { ok: true, run: { id: 'r_Bench00000000001', status: 'IN_PROGRESS' } }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  close(): void {
    this.#server.close()
  }

  /** Milliseconds from the start of a script to its first request. */
  async measure(script: string, env: Record<string, string | undefined>): Promise<number> {
    const begin = performance.now()
    let elapsed = Number.NaN
    this.#onRequest = () => {
      elapsed = performance.now() - begin
    }
    const child = spawn(process.execPath, [script], { env, stdio: 'ignore' })
    await once(child, 'close')
    return elapsed
  }
}
