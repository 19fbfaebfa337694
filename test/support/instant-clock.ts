import type { Clock } from '@port-dispatch/core'

/** A clock on which sleeping takes no time: it moves when somebody sleeps, and only then. */
export class InstantClock implements Clock {
  #now: number
  readonly #timeouts = new Map<AbortController, number>()
  /** Every sleep so far, in milliseconds. */
  readonly slept: number[] = []

  constructor(now = Date.parse('2026-11-02T09:30:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.slept.push(ms)
    this.#now += ms
    // Let sockets and other promises have their turn.
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }

  timeout(ms: number): AbortSignal {
    const controller = new AbortController()
    this.#timeouts.set(controller, ms)
    return controller.signal
  }

  /** Lets the time pass that the last time limit gives, and ends what it limits. */
  expireTimeouts(): void {
    const [controller, ms] = [...this.#timeouts].at(-1) ?? []
    this.#timeouts.clear()
    this.#now += ms ?? 0
    controller?.abort(new DOMException('The time limit was reached', 'TimeoutError'))
  }
}
