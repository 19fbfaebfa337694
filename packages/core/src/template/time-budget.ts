/** What starting a stopped jq again may take on top, before the expressions that are left are given up. */
const graceMilliseconds = 400

/** The time that one payload's expressions have together. */
export class TimeBudget {
  readonly limit: number
  #used = 0
  #elapsed = 0

  /** @param limit milliseconds */
  constructor(limit: number) {
    this.limit = limit
  }

  /** Milliseconds that expressions may still take. */
  get remaining(): number {
    return Math.max(0, this.limit - this.#used)
  }

  get isSpent(): boolean {
    return this.remaining < 1 || this.#elapsed > this.limit + graceMilliseconds
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
