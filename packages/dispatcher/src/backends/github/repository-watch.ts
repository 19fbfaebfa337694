import type { Clock } from '@port-dispatch/core'
import { BackendError } from '../backend-error.ts'

export interface RepositoryWatchOptions<Run extends { id: number }> {
  clock: Clock
  /** Reads one run. */
  get(id: number): Promise<Run>
  /** Reads a page of 100 runs, newest first; pages count from 1. */
  list(page: number): Promise<Run[]>
}

const PAGE_SIZE = 100
/** GitHub shows 1,000 results of a search at the most. */
const MAX_PAGES = 10
/** A run that has not been read for so long is no longer followed. */
const FORGOTTEN_AFTER_MS = 60_000
/** A server that refuses the list is not asked for it again for so long. */
const REFUSED_FOR_MS = 600_000
/** Between two polls, for each page that the last one took. */
const GAP_PER_PAGE_MS = 1_500

/**
 * Reads the runs of one repository for all who follow some.
 *
 * A page of the list costs one request, as does a single run, which is often free because it has not changed (304). So
 * the list is read only while its next page is likely to show two runs or more that are waited for; runs that are too
 * old for that are read one by one.
 */
export class RepositoryWatch<Run extends { id: number }> {
  readonly #options: RepositoryWatchOptions<Run>
  readonly #lastRead = new Map<number, number>()
  #waiting = new Map<number, PromiseWithResolvers<Run>>()
  #lastPoll = Number.NEGATIVE_INFINITY
  #lastPages = 1
  /** The oldest run that the list showed at the last poll at a fair price. Older ones are read one by one. */
  #reach = 0
  #refusedUntil = Number.NEGATIVE_INFINITY

  constructor(options: RepositoryWatchOptions<Run>) {
    this.#options = options
  }

  /** Reads a run, together with others if others are followed too. */
  async read(id: number): Promise<Run> {
    const now = this.#options.clock.now()
    this.#lastRead.set(id, now)
    for (const [other, at] of this.#lastRead) {
      if (now - at > FORGOTTEN_AFTER_MS) this.#lastRead.delete(other)
    }
    const listed = [...this.#lastRead.keys()].filter((other) => other >= this.#reach)
    const isAlone = listed.length < 2 && this.#waiting.size === 0
    if (id < this.#reach || isAlone || now < this.#refusedUntil) {
      return await this.#options.get(id)
    }
    const known = this.#waiting.get(id)
    if (known) return await known.promise
    const mine = Promise.withResolvers<Run>()
    this.#waiting.set(id, mine)
    if (this.#waiting.size === 1) void this.#poll()
    return await mine.promise
  }

  /** A run that has ended is not read again. */
  forget(id: number): void {
    this.#lastRead.delete(id)
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
      if (isRefusal(error)) {
        // Single runs can be readable all the same.
        this.#refusedUntil = clock.now() + REFUSED_FOR_MS
        for (const [id, { resolve, reject }] of waiting) {
          void this.#options.get(id).then(resolve, reject)
        }
        return
      }
      for (const { reject } of waiting.values()) reject(error)
    }
  }

  async #answer(waiting: Map<number, PromiseWithResolvers<Run>>): Promise<void> {
    let pages = 0
    let ended = waiting.size < 2
    while (!ended) {
      const before = waiting.size
      const runs = await this.#options.list(++pages)
      for (const run of runs) {
        waiting.get(run.id)?.resolve(run)
        waiting.delete(run.id)
      }
      const shown = before - waiting.size
      const oldest = runs.at(-1)?.id ?? 0
      if (shown < 2 && waiting.size > 0) this.#reach = Math.max(this.#reach, oldest)
      ended = waiting.size < 2 || shown < 2 || runs.length < PAGE_SIZE || pages === MAX_PAGES
    }
    this.#lastPages = Math.max(1, pages)
    // What the list did not show, because it lags or ends before, is read one by one.
    for (const [id, { resolve, reject }] of waiting) {
      await this.#options.get(id).then(resolve, reject)
    }
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof BackendError) || error.retryAfter !== undefined) return false
  const { status = 0 } = error
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}
