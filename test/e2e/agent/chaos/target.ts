import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../../faults/random.ts'

/** What agents call: it counts for itself which runs reached it. */
export class Target {
  /** How often each run arrived and was acted upon. */
  readonly starts = new Map<string, number>()
  readonly #server: Server
  readonly #random: Random
  #url = ''

  private constructor(random: Random) {
    this.#random = random
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        // Cut before anything was done, or after: the client cannot tell which.
        if (this.#random.chance(0.01)) {
          request.socket.destroy()
          return
        }
        const { run } = JSON.parse(Buffer.concat(chunks).toString()) as { run: string }
        this.starts.set(run, (this.starts.get(run) ?? 0) + 1)
        if (this.#random.chance(0.01)) request.socket.destroy()
        else setTimeout(() => response.writeHead(200).end('{}'), this.#random.upTo(30))
      })
    })
  }

  static async start(random: Random): Promise<Target> {
    const target = new Target(random)
    await new Promise<void>((resolve) => target.#server.listen(0, '127.0.0.1', resolve))
    target.#url = `http://127.0.0.1:${(target.#server.address() as AddressInfo).port}`
    return target
  }

  get url(): string {
    return this.#url
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
