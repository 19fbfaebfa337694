/** What starting a stopped jq again may take on top, before the expressions that are left are given up. */
const graceMilliseconds = 500

/** The time that one payload's expressions have together. */
export class TimeBudget {
  readonly #limit: number
  #used = 0
  #elapsed = 0
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
    return this.remaining < 1 || this.#elapsed > this.#limit + graceMilliseconds
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
  }

  /**
   * @param elapsed milliseconds that a job took, with the start of jq
   * @param granted milliseconds that its expressions had at most
   */
  charge(elapsed: number, granted: number): void {
    this.#used += Math.min(elapsed, granted)
    this.#elapsed += elapsed
  }
}
