import type { Clock } from '@port-dispatch/core'

/**
 * For how long the membership of a consumer group is certain: the broker removes a member whose last sign of life is
 * older than the session timeout, and gives its partitions to others. Counted from when the sign was sent, not from
 * when the broker's response arrived, so that it ends here before it ends there.
 */
export class Lease {
  readonly #clock: Pick<Clock, 'now'>
  readonly #sessionTimeout: number
  #until = Number.NEGATIVE_INFINITY

  /** @param sessionTimeout milliseconds */
  constructor(clock: Pick<Clock, 'now'>, sessionTimeout: number) {
    this.#clock = clock
    this.#sessionTimeout = sessionTimeout
  }

  /** @param sentAt when the request was sent with whose response the broker acknowledged the membership */
  renew(sentAt: number): void {
    this.#until = Math.max(this.#until, sentAt + this.#sessionTimeout)
  }

  end(): void {
    this.#until = Number.NEGATIVE_INFINITY
  }

  /** Milliseconds; 0 if it has run out. */
  get remaining(): number {
    return Math.max(0, this.#until - this.#clock.now())
  }

  get isAlive(): boolean {
    return this.remaining > 0
  }
}
