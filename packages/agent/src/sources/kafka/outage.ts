import type { Logger } from '@port-dispatch/core'
import type { Source } from '../../work.ts'

/** Keeps what is out of order, and says it once for each outage. */
export class Outage {
  readonly #logger: Logger
  /** What is out of order, and why. */
  readonly #broken = new Map<string, string>([['group', 'is connecting to Kafka']])
  #isSaid = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get state(): Source['state'] {
    const reason = [...this.#broken.values()].at(-1)
    return reason === undefined ? { ready: true } : { ready: false, reason }
  }

  /**
   * @param part what does not work: the group, or the connection to a broker
   * @param reason a sentence
   */
  begin(part: string, reason: string): void {
    // The latest comes last.
    this.#broken.delete(part)
    this.#broken.set(part, reason)
    if (this.#isSaid) return
    this.#isSaid = true
    this.#logger.warning(reason)
  }

  end(part: string): void {
    if (!this.#broken.delete(part) || this.#broken.size > 0 || !this.#isSaid) return
    this.#isSaid = false
    this.#logger.info('Connected to Kafka again.')
  }

  /** Forgets everything about connections that are closed. */
  restart(reason: string): void {
    this.#broken.clear()
    this.#broken.set('group', reason)
  }
}
