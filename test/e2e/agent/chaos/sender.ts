import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { signatureHeaders } from '@port-dispatch/core/port'
import { defaultDefinition } from '@port-dispatch/sandbox'
import type { Random } from '../../../faults/random.ts'

/** What stands between Port and the agents: it sends a webhook again, to any of them, until one has responded. */
export class Sender {
  /** Where agents listen. */
  readonly receivers: string[] = []
  readonly #random: Random
  readonly #sending = new Set<Promise<void>>()

  constructor(random: Random) {
    this.#random = random
  }

  send(body: string): void {
    const sending = this.#send(body)
    this.#sending.add(sending)
    void sending.then(() => this.#sending.delete(sending))
  }

  /** Resolves when every webhook was responded to. */
  async done(): Promise<void> {
    await Promise.all(this.#sending)
  }

  async #send(body: string): Promise<void> {
    const secret = defaultDefinition.port.credentials[0]?.clientSecret ?? ''
    for (;;) {
      const url = this.receivers[Math.floor(this.#random.upTo(this.receivers.length))] ?? ''
      const timestamp = Math.floor(Date.now() / 1000)
      const headers = signatureHeaders({ secret, timestamp, body })
      try {
        const { ok } = await fetch(url, { method: 'POST', body, headers })
        if (ok) return
      } catch {
        // It was killed, before it had it or after.
      }
      await delay(100)
    }
  }
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
