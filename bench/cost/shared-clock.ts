import type { Clock } from '@port-dispatch/core'
import type { Fetch } from '@port-dispatch/core/http'

interface Sleeper {
  at: number
  wake: () => void
}

/** How many turns of the event loop without a request under way mean that all are asleep. */
const QUIET_TURNS = 5

/**
 * A clock for many who sleep at the same time: it moves to the next waking as soon as nobody has anything else to do,
 * so that an hour of polling takes as long as its requests.
 */
export class SharedClock implements Clock {
  #now = Date.parse('2026-11-02T09:30:00Z')
  #sleepers: Sleeper[] = []
  #underWay = 0

  now(): number {
    return this.#now
  }

  sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#sleepers.push({ at: this.#now + ms, wake: resolve })
    return promise
  }

  timeout(): AbortSignal {
    return new AbortController().signal
  }

  /** The real `fetch`; the clock stands still while one is under way. */
  readonly fetch: Fetch = async (url, init) => {
    this.#underWay++
    try {
      const response = await fetch(url, init)
      return new Response(response.status === 304 ? null : await response.text(), response)
    } finally {
      this.#underWay--
    }
  }

  /** Runs work to its end, moving the clock along. */
  async run(work: readonly Promise<unknown>[]): Promise<void> {
    let done = false
    const all = Promise.all(work).finally(() => {
      done = true
    })
    while (!done) {
      await this.#untilQuiet(() => done)
      const next = Math.min(...this.#sleepers.map(({ at }) => at))
      if (!Number.isFinite(next)) continue
      this.#now = Math.max(this.#now, next)
      const due = this.#sleepers.filter(({ at }) => at <= this.#now)
      this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now)
      for (const { wake } of due) wake()
    }
    await all
  }

  async #untilQuiet(isDone: () => boolean): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS && !isDone(); ) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = this.#underWay === 0 ? quiet + 1 : 0
    }
  }
}
