import { type Clock, PortDispatchError } from '@port-dispatch/core'
import type { Observer } from '../observer.ts'
import {
  HANDED_OVER,
  type Intake,
  type Refusal,
  type Result,
  type Settlement,
  type Work,
} from '../work.ts'
import { Entry } from './entry.ts'
import type { Prepared } from './execution.ts'
import type { Bounds } from './one-run.ts'
import type { KeyOf } from './order-by.ts'
import { KeyedSlots, Slots } from './slots.ts'

/** What the worker needs of whoever executes. */
export interface Executing {
  prepare(work: Work): Promise<Prepared>
  run(prepared: Prepared, bounds: Bounds): Promise<Settlement>
  refuse(refusal: Refusal, stop: AbortSignal): Promise<void>
}

export interface WorkerOptions {
  executor: Executing
  /** How many runs can be on their way to their backend at once. Those that are followed do not count. */
  concurrency: number
  /** The same for one workflow, project or host. Default: no limit but `concurrency`. */
  perTarget?: number | undefined
  /** The same for one repository or project. */
  perRepository?: number | undefined
  /** Runs with the same key are executed one after the other, in the order in which they came. */
  orderBy?: KeyOf | undefined
  clock: Clock
  observer: Observer
  /** What an error says, for people. Default: its message. */
  messageOf?: ((error: PortDispatchError) => string) | undefined
  onUnexpected: (error: unknown, work: Work) => void
}

/** Runs that ended lately are recognised when they come again. */
const REMEMBERED = 10_000
/** This part of the time to stop is for what was started to be linked; the rest for what is left to be reported. */
const SHARE_FOR_STARTS = 0.75

/** So many times more runs than can be started at once are kept while they wait for a limit of their own. */
const MAX_ASIDE = 9

/** Bounds how much is done at once, executes each run once, and lets go of all of them when the agent stops. */
export class Worker implements Intake {
  readonly #options: WorkerOptions
  readonly #slots: Slots
  readonly #targets: KeyedSlots
  readonly #repositories: KeyedSlots
  readonly #underWay = new Map<string, Entry>()
  readonly #ended = new Map<string, Result>()
  readonly #order = new Map<string, Promise<unknown>>()
  readonly #drain = new AbortController()
  readonly #stop = new AbortController()
  readonly #waiting: (() => void)[] = []
  /** Runs that have a slot, or wait for one. */
  #held = 0
  /** Those of them that wait for their target, their repository, or their turn. */
  #aside = 0

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#slots = new Slots(options.concurrency)
    this.#targets = new KeyedSlots(options.perTarget)
    this.#repositories = new KeyedSlots(options.perRepository)
  }

  /** How many runs are on their way to their backend, and how many are followed. */
  get inFlight(): { starting: number; followed: number } {
    return { starting: this.#held, followed: this.#underWay.size - this.#held }
  }

  async room(signal: AbortSignal): Promise<number> {
    for (;;) {
      if (signal.aborted || this.#drain.signal.aborted) return 0
      const { concurrency } = this.#options
      const aside = Math.min(this.#aside, concurrency * MAX_ASIDE)
      const free = concurrency - (this.#held - aside)
      if (free > 0) return free
      await this.#roomOr(signal)
    }
  }

  /** Waits until a run makes room, or the signal is aborted, which outlives what waits for it. */
  async #roomOr(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    const onAbort = () => resolve()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async execute(work: Work, signal?: AbortSignal): Promise<Settlement> {
    const { observer } = this.#options
    if (this.#drain.signal.aborted || signal?.aborted) return HANDED_OVER
    const running = this.#underWay.get(work.runId)
    if (running) {
      observer.repeated(work.source)
      return await running.join(work, signal)
    }
    const result = this.#ended.get(work.runId)
    if (result !== undefined) {
      observer.repeated(work.source)
      await work.onStarted?.()
      // Whoever sends it again learns what it did not learn the first time.
      return { type: 'done', result }
    }
    observer.received(work)
    const entry = new Entry()
    this.#underWay.set(work.runId, entry)
    this.#held++
    entry.settlement = this.#execute(entry, work).finally(() => {
      this.#underWay.delete(work.runId)
      entry.letGoOfSignals()
    })
    return await entry.join(work, signal)
  }

  async refuse(refusal: Refusal): Promise<void> {
    this.#options.observer.refused(refusal.source, refusal.reason)
    await this.#options.executor.refuse(refusal, this.#stop.signal)
  }

  async #execute(entry: Entry, work: Work): Promise<Settlement> {
    const { executor, onUnexpected } = this.#options
    const { letGo } = entry
    const releases: (() => void)[] = []
    const begin = async (refusal?: string): Promise<Settlement> => {
      const prepared: Prepared =
        refusal === undefined
          ? await executor.prepare(work)
          : { work, routed: { type: 'refused', message: refusal } }
      try {
        // Those of a few first, so that who waits for them holds none of all.
        const { repository, target } = prepared
        releases.push(await this.#wait(this.#repositories.take(repository, letGo)))
        releases.push(await this.#wait(this.#targets.take(target, letGo)))
        releases.push(await this.#slots.take(letGo))
      } catch (error) {
        if (letGo.aborted) return HANDED_OVER
        throw error
      }
      const onStarted = async () => {
        release()
        await entry.started()
      }
      const { signal: stop } = this.#stop
      return await executor.run(prepared, { letGo, stop, makeRoom: release, onStarted })
    }
    let isHeld = true
    const release = () => {
      for (const give of releases.splice(0)) give()
      if (!isHeld) return
      isHeld = false
      this.#held--
      this.#wake()
    }
    try {
      const { key, refusal } = await this.#keyOf(work)
      const settlement =
        key === undefined ? await begin(refusal) : await this.#inOrder(key, letGo, begin)
      if (settlement.type === 'done') this.#remember(work.runId, settlement.result)
      return settlement
    } catch (error) {
      // Nobody knows what it is: it stays with its source, which gives it to somebody again.
      onUnexpected(error, work)
      return HANDED_OVER
    } finally {
      release()
    }
  }

  /** A run that has no key because its template fails has no place in the order, today or ever: it is refused. */
  async #keyOf(work: Work): Promise<{ key?: string | undefined; refusal?: string }> {
    const { orderBy, messageOf = ({ message }) => message } = this.#options
    try {
      return { key: await orderBy?.(work) }
    } catch (error) {
      if (!(error instanceof PortDispatchError)) throw error
      return { refusal: messageOf(error) }
    }
  }

  async #inOrder(
    key: string,
    letGo: AbortSignal,
    begin: () => Promise<Settlement>,
  ): Promise<Settlement> {
    const before = this.#order.get(key)
    const turn = (async () => {
      if (before) await this.#wait(before)
      return letGo.aborted ? HANDED_OVER : await begin()
    })()
    const settled = turn.catch(() => {})
    this.#order.set(key, settled)
    try {
      return await turn
    } finally {
      if (this.#order.get(key) === settled) this.#order.delete(key)
    }
  }

  /** What waits for one of a few leaves its room to others, so that a slow target holds up only its own runs. */
  async #wait<T>(turn: Promise<T>): Promise<T> {
    this.#aside++
    this.#wake()
    try {
      return await turn
    } finally {
      this.#aside--
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #remember(runId: string, result: Result): void {
    this.#ended.set(runId, result)
    if (this.#ended.size <= REMEMBERED) return
    const [oldest] = this.#ended.keys()
    if (oldest !== undefined) this.#ended.delete(oldest)
  }

  /**
   * Takes nothing more, lets what is being started be linked, lets go of the rest, and resolves when all is settled.
   *
   * @param grace milliseconds
   */
  async drain(grace: number): Promise<void> {
    const { clock } = this.#options
    this.#drain.abort(new Error('The agent stops.'))
    this.#wake()
    for (const entry of this.#underWay.values()) entry.abandon(this.#drain.signal.reason)
    const done = new AbortController()
    const all = Promise.all([...this.#underWay.values()].map(({ settlement }) => settlement))
    const time = clock
      .sleep(grace * SHARE_FOR_STARTS, done.signal)
      .then(() => this.#stop.abort(new Error('The time to stop is up.')))
      .catch(() => {})
    await all
    done.abort()
    await time
  }
}
