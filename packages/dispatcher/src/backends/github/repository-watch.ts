import type { Clock } from '@port-dispatch/core'

/** The part of a workflow run that a watch needs. */
export interface WatchedRun {
  id: number
}

export interface RepositoryWatchOptions<Run extends WatchedRun> {
  clock: Clock
  /** Reads one run. */
  get(id: number): Promise<Run>
  /** Reads a page of 100 runs, newest first; pages count from 1. */
  list(page: number): Promise<Run[]>
}

const PAGE_SIZE = 100
/** GitHub shows 1,000 results of a search at the most. */
const MAX_PAGES = 10
/** Who has not asked for so long no longer follows its run. */
const FORGOTTEN_AFTER_MS = 60_000
/** Between two polls, for each page that the last one took. */
const GAP_PER_PAGE_MS = 1_500

/**
 * Reads the runs of one repository for all who follow some.
 *
 * A single run is read by itself. As soon as several are followed, their reads wait for each other and are answered by
 * one poll of the list, so that the number of requests grows with pages of 100 runs and not with runs.
 */
export class RepositoryWatch<Run extends WatchedRun> {
  readonly #options: RepositoryWatchOptions<Run>
  readonly #lastAsked = new Map<number, number>()
  #waiting = new Map<number, PromiseWithResolvers<Run>>()
  #lastPoll = Number.NEGATIVE_INFINITY
  #lastPages = 1

  constructor(options: RepositoryWatchOptions<Run>) {
    this.#options = options
  }

  /** Reads a run, with others if others are followed too. */
  async read(id: number): Promise<Run> {
    const now = this.#options.clock.now()
    this.#lastAsked.set(id, now)
    for (const [other, at] of this.#lastAsked) {
      if (now - at > FORGOTTEN_AFTER_MS) this.#lastAsked.delete(other)
    }
    if (this.#lastAsked.size === 1 && this.#waiting.size === 0) return await this.#options.get(id)
    const known = this.#waiting.get(id)
    if (known) return await known.promise
    const mine = Promise.withResolvers<Run>()
    this.#waiting.set(id, mine)
    if (this.#waiting.size === 1) void this.#poll()
    return await mine.promise
  }

  /** A run that has ended is not asked for again. */
  forget(id: number): void {
    this.#lastAsked.delete(id)
  }

  async #poll(): Promise<void> {
    const { clock } = this.#options
    const due = this.#lastPoll + this.#lastPages * GAP_PER_PAGE_MS
    await clock.sleep(Math.max(0, due - clock.now()))
    this.#lastPoll = clock.now()
    const waiting = this.#waiting
    this.#waiting = new Map()
    try {
      await this.#answer(waiting)
    } catch (error) {
      for (const { reject } of waiting.values()) reject(error)
    }
  }

  async #answer(waiting: Map<number, PromiseWithResolvers<Run>>): Promise<void> {
    const oldest = Math.min(...waiting.keys())
    let pages = 0
    for (let done = waiting.size < 2; !done; ) {
      const runs = await this.#options.list(++pages)
      for (const run of runs) {
        waiting.get(run.id)?.resolve(run)
        waiting.delete(run.id)
      }
      const last = runs.at(-1)?.id ?? 0
      done = waiting.size === 0 || runs.length < PAGE_SIZE || last < oldest || pages === MAX_PAGES
    }
    this.#lastPages = Math.max(1, pages)
    // Lists lag behind, and end; what they do not show is read by itself.
    for (const [id, { resolve, reject }] of waiting) {
      await this.#options.get(id).then(resolve, reject)
    }
  }
}
