/** About what it takes to start a thread in the place of one that was stopped. */
const stopMilliseconds = 50

/** What starting jq may take beyond the limit, again and again, before the expressions that are left are given up. */
const graceMilliseconds = 500

/** The CPU time that one payload's expressions have together. */
export class TimeBudget {
  readonly #limit: number
  #used = 0
  #starts = 0
  #stops = 0

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Milliseconds that expressions may still take. */
  get remaining(): number {
    return Math.max(0, this.#limit - this.#used)
  }

  get isSpent(): boolean {
    return this.remaining < 1 || this.#starts > this.#limit + graceMilliseconds
  }

  /**
   * Milliseconds for a job while others wait. The more had to be stopped, the more are expected, and
   * the less each gets at first.
   */
  get share(): number {
    return this.remaining / (this.#stops === 0 ? 4 : this.#stops === 1 ? 8 : 16)
  }

  /** A job of this payload had to be stopped. */
  countStop(): void {
    this.#stops++
    this.#starts += stopMilliseconds
  }

  /** @param time milliseconds that expressions took */
  charge(time: number): void {
    this.#used += time
  }

  /** @param time milliseconds that jq took to start and to compile a program */
  chargeStart(time: number): void {
    this.#starts += time
  }
}
