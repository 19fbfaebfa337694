import { formatError, type Logger, type PortDispatchError } from '@port-dispatch/core'
import { backoff, GentleStop } from '@port-dispatch/core/http'
import { BackendError, type Dispatcher, type Plan } from '@port-dispatch/dispatcher'
import type { Observer } from '../observer.ts'
import type { Result, Settlement, Work } from '../work.ts'
import { LABELS } from './earlier.ts'
import { type ReportingOptions, RunReport } from './run-report.ts'

export interface ExecutionOptions extends ReportingOptions {
  dispatcher: Dispatcher
  /** Milliseconds that the run of a backend is followed. */
  followTimeout: number
  /** Milliseconds after which whoever calls a receiver has its response, and has reported it. */
  callWithin: number
  /** When this process saw first that a run was begun by somebody else, in milliseconds since the epoch. */
  begunSince: Sightings
  /** `same-key`: a webhook of which it is unknown whether it arrived is sent again with its `Idempotency-Key`. */
  resend: 'never' | 'same-key'
  /** The logger of one run. */
  loggerFor: (work: Pick<Work, 'runId' | 'source' | 'action'>) => Logger
  observer: Observer
}

const MAX_SIGHTINGS = 10_000

/** When something was seen first: a claim that runs out must not begin the waiting anew. */
export class Sightings {
  readonly #first = new Map<string, number>()

  /** @returns when it was seen first */
  seen(what: string, now: number): number {
    const first = this.#first.get(what) ?? now
    this.#first.set(what, first)
    const [oldest] = this.#first.keys()
    if (this.#first.size > MAX_SIGHTINGS && oldest !== undefined) this.#first.delete(oldest)
    return first
  }

  forget(what: string): void {
    this.#first.delete(what)
  }
}

/** How an execution is bounded. */
export interface Bounds {
  /** Nothing is started after it, and what runs is followed no longer. */
  letGo: AbortSignal
  /** The time is up: what is under way ends now. */
  stop: AbortSignal
  /** Called while nothing more will be started for a while: room for another run. */
  makeRoom: () => void
  /** Called once what was started is linked in Port, or nothing will be. It makes room as well. */
  onStarted: () => Promise<void>
}

/** As long as following a run goes on although the backend refuses to show it. */
export const HIDDEN_WITHIN_MS = 300_000
export const SEARCH_PACE = { first: 1_000, last: 10_000, growth: 1.5, jitter: 0.25 }

/** Handed over, and whoever looks sees that it was announced. */
export const NOT_STARTED: Settlement = { type: 'handed-over', announced: true }
/** Handed over, and something was started, or may have been. */
export const LEFT: Settlement = { type: 'handed-over', begun: true }

export function done(result: Result): Settlement {
  return { type: 'done', result }
}

/** Made once: without a reason, each abort makes an error with a stack. */
const SETTLED = new Error('The run is settled.')

/** What every step of one run shares: its bounds, what is reported on it, and how far it is. */
export class OneRun {
  readonly options: ExecutionOptions
  readonly work: Work
  readonly bounds: Bounds
  readonly logger: Logger
  readonly report: RunReport
  /** Ends the waiting for Port: before the start when the run is let go of, later when the time is up. */
  readonly #phase = new AbortController()
  readonly #settled = new AbortController()
  readonly #start = new AbortController()
  #isBegun = false
  #isOurs = false

  constructor(options: ExecutionOptions, work: Work, bounds: Bounds) {
    this.options = options
    this.work = work
    this.bounds = bounds
    this.logger = options.loggerFor(work)
    const { letGo, stop } = bounds
    const onStop = () => this.#phase.abort(stop.reason)
    const onLetGo = () => {
      this.#start.abort(new GentleStop(letGo.reason, stop))
      if (!this.#isBegun) this.#phase.abort(letGo.reason)
    }
    // The signals outlive the run.
    stop.addEventListener('abort', onStop, { signal: this.#settled.signal })
    letGo.addEventListener('abort', onLetGo, { signal: this.#settled.signal })
    if (stop.aborted) onStop()
    if (letGo.aborted) onLetGo()
    const { signal } = this.#phase
    const { runId, source } = work
    this.report = new RunReport({ ...options, logger: this.logger, runId, source, signal })
  }

  get signal(): AbortSignal {
    return this.#phase.signal
  }

  /** Prevents what has not been sent when the run is let go of. What has been sent has its response until the time is up. */
  get startSignal(): AbortSignal {
    return this.#start.signal
  }

  /** Whether something was started, or may have been, or the end is being reported. */
  get isBegun(): boolean {
    return this.#isBegun
  }

  /** From here on only the end of the time ends the waiting for Port: what happened must be reported. */
  begin(): void {
    this.#isBegun = true
  }

  /** Nothing more will be started. What is still reported has only the time after a stop. */
  abandon(): void {
    if (!this.#phase.signal.aborted) this.#phase.abort(this.bounds.letGo.reason)
  }

  /** Makes the run ours for the source, and makes room for another. */
  async claim(): Promise<void> {
    if (this.#isOurs) return
    this.#isOurs = true
    await this.bounds.onStarted()
  }

  /** Lets go of what outlives the run. */
  close(): void {
    this.#settled.abort(SETTLED)
  }

  async fail(message: string, statusLabel: string, result?: Result): Promise<Settlement> {
    this.begin()
    return await this.report.end({ status: 'FAILURE', statusLabel, message }, result)
  }

  /** Says that it is unknown whether something was started; it is not started again. */
  async unknown(plan: Plan, why?: string): Promise<Settlement> {
    const lost = `It is unknown whether an agent that ended had started ${plan.target}.`
    const message = why ?? plan.unsettled ?? lost
    if (plan.endsPortRun) return await this.fail(message, LABELS.unknown, 'unknown')
    this.begin()
    return await this.report.unknown(message)
  }

  /**
   * Asks a backend until it responds; undefined if the run is let go of meanwhile, `hidden` if it does not show it for as
   * long as it is believed to lag.
   */
  async untilShown<T>(look: () => Promise<T> | undefined): Promise<T | 'hidden' | undefined> {
    const { clock } = this.options
    const until = clock.now() + HIDDEN_WITHIN_MS
    for (let pauses = 0; !this.bounds.letGo.aborted; pauses++) {
      try {
        return await look()
      } catch (error) {
        if (!(error instanceof BackendError)) throw error
        if (error.status === 404 && clock.now() >= until) return 'hidden'
        this.logger.warning(`${this.messageOf(error)} Trying again.`)
        await this.sleep(Math.max(error.retryAfter ?? 0, backoff(pauses, SEARCH_PACE)))
      }
    }
    return undefined
  }

  /** Ends early when the run is let go of: the caller looks at the signal. */
  async sleep(ms: number): Promise<void> {
    await this.options.clock.sleep(ms, this.bounds.letGo).catch(() => {})
  }

  messageOf(error: PortDispatchError): string {
    return formatError(error, this.options.nameOf)
  }
}
