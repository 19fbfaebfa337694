import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Program {
  /** What Node runs. */
  args: readonly string[]
  env: Record<string, string | undefined>
  /** Part of the path of the request that is waited for. Default: the first one. */
  until?: string
}

/** Milliseconds from the start of a process. */
export interface Measured {
  /** NaN if the request was not sent. */
  request: number
  end: number
}

/** A stand-in of Port and GitHub that answers at once, and knows when it was asked. */
export class RequestServer {
  readonly #server: Server
  #onRequest: (path: string) => void = () => {}

  constructor() {
    this.#server = createServer((request, response) => {
      const { url = '' } = request
      this.#onRequest(url)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(bodyOf(url)))
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
    this.#server.closeAllConnections()
  }

  /** @throws if the process does not end with exit code 0 */
  async measure({ args, env, until = '' }: Program): Promise<Measured> {
    const begin = performance.now()
    let request = Number.NaN
    this.#onRequest = (path) => {
      if (Number.isNaN(request) && path.includes(until)) request = performance.now() - begin
    }
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`)
    return { request, end: performance.now() - begin }
  }
}

function bodyOf(path: string): object {
  if (path.endsWith('/access_token')) {
    return { ok: true, accessToken: 'bench', expiresIn: 10_800, tokenType: 'Bearer' }
  }
  const run = { id: 7, status: 'queued', conclusion: null, html_url: 'https://github.test/7' }
  if (path.endsWith('/dispatches')) return { workflow_run_id: run.id, html_url: run.html_url }
  if (path.startsWith('/repos/')) return run
  return { ok: true, run: { id: 'r_Bench00000000001', status: 'IN_PROGRESS' } }
}
