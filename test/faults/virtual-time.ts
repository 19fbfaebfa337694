import type { Clock } from '@port-dispatch/core'

interface Waiting {
  at: number
  order: number
  wake: () => void
}

/**
 * A time that passes only when everything waits for it, shared by many programs in one process: hours take moments, and
 * the same program does the same each time. Nothing that runs on it can use sockets or timers.
 */
export class VirtualTime {
  #now: number
  #order = 0
  #waiting: Waiting[] = []

  constructor(now = Date.parse('2026-11-02T09:30:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  at(time: number, wake: () => void): void {
    this.#waiting.push({ at: Math.max(time, this.#now), order: this.#order++, wake })
  }

  /** Lets time pass until a piece of work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    for (;;) {
      await quiet()
      if (isDone) return await work
      const next = this.#next() ?? (await this.#afterLoading())
      if (isDone) return await work
      if (!next) throw new Error('Nothing happens any more, and the work is not done')
      this.#now = next.at
      next.wake()
    }
  }

  /**
   * The clock of one machine.
   *
   * @param skew by how many milliseconds it is ahead
   */
  clock(skew = 0): Clock {
    return {
      now: () => this.#now + skew,
      sleep: (ms, signal) => this.sleep(ms, signal),
      timeout: (ms) => {
        const controller = new AbortController()
        const expire = () => controller.abort(new DOMException('The time is up', 'TimeoutError'))
        this.at(this.#now + ms, expire)
        return controller.signal
      },
    }
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.at(this.#now + ms, resolve)
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Modules that are loaded for the first time take real time. */
  async #afterLoading(): Promise<Waiting | undefined> {
    for (let turn = 0; turn < 200; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      const next = this.#next()
      if (next) return next
    }
    return undefined
  }

  #next(): Waiting | undefined {
    let first: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (
        !first ||
        waiting.at < first.at ||
        (waiting.at === first.at && waiting.order < first.order)
      ) {
        first = waiting
      }
    }
    this.#waiting = this.#waiting.filter((waiting) => waiting !== first)
    return first
  }
}

/** Until all promises that can go on have gone on. Streams take some turns of the event loop. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}
