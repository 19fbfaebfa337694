import type { Clock } from '../clock.ts'
import type { CallOptions } from './session.ts'

export interface ReportTimeOptions {
  /** Milliseconds that all reporting of this run may take together. Default 30,000. */
  timeLimit?: number
  /**
   * Milliseconds of the time limit that only the end may use. Default: a third, at most 10,000. Give 0 where the end is
   * reported by somebody else: everything may then use all of the time.
   */
  keepForEnd?: number
  /**
   * Interrupts what is under way when it is aborted. What was not delivered goes with the next report. All further
   * reports together may then take `timeAfterStop`.
   */
  signal?: AbortSignal | undefined
  /** Milliseconds. Default 5,000. */
  timeAfterStop?: number
}

const DEFAULT_TIME_LIMIT_MS = 30_000
const DEFAULT_KEPT_MS = 10_000
const DEFAULT_AFTER_STOP_MS = 5_000

/** The time that reporting on one run may take. What lies between the reports does not count. */
export class ReportTime {
  readonly signal: AbortSignal | undefined
  readonly #clock: Clock
  readonly #timeLimit: number
  readonly #keepForEnd: number
  readonly #timeAfterStop: number
  #spent = 0
  /** When no report may take any more time, once the signal was aborted. */
  #stopsAt = Number.POSITIVE_INFINITY
  #turn: Promise<unknown> = Promise.resolve()

  constructor(clock: Clock, options: ReportTimeOptions) {
    const { timeLimit = DEFAULT_TIME_LIMIT_MS, signal } = options
    this.signal = signal
    this.#clock = clock
    this.#timeLimit = timeLimit
    this.#keepForEnd = options.keepForEnd ?? Math.min(DEFAULT_KEPT_MS, timeLimit / 3)
    this.#timeAfterStop = options.timeAfterStop ?? DEFAULT_AFTER_STOP_MS
  }

  /**
   * Works when everything before it is done, within the time that is left.
   *
   * @param share the end may use what is kept for it
   */
  async inTurn<T>(
    share: 'before-end' | 'end',
    work: (options: CallOptions & { deadline: number }) => Promise<T>,
  ): Promise<T> {
    const done = this.#turn.then(async () => {
      const begin = this.#clock.now()
      const kept = share === 'end' ? 0 : this.#keepForEnd
      const left = Math.max(0, this.#timeLimit - this.#spent - kept)
      const isStopped = this.signal?.aborted === true
      if (isStopped) this.#stopsAt = Math.min(this.#stopsAt, begin + this.#timeAfterStop)
      try {
        return await work({
          deadline: Math.min(begin + left, this.#stopsAt),
          signal: isStopped ? undefined : this.signal,
        })
      } finally {
        this.#spent += this.#clock.now() - begin
      }
    })
    this.#turn = done.catch(() => {})
    return await done
  }
}
