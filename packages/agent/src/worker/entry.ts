import { HANDED_OVER, type Settlement, type Work } from '../work.ts'

/** Made once: without a reason, each abort makes an error with a stack. */
const LEFT = new Error('Nobody waits any more.')

/** A run under way, and those who wait for it: each source that gave it. */
export class Entry {
  readonly #letGo = new AbortController()
  readonly #done = new AbortController()
  readonly #onStarted: (() => Promise<void>)[] = []
  #holders = 0
  #isStarted = false
  settlement: Promise<Settlement> = Promise.resolve(HANDED_OVER)

  /** Aborted when nobody holds the run any more. */
  get letGo(): AbortSignal {
    return this.#letGo.signal
  }

  /** Waits for the run, or until the signal lets go of it. */
  async join({ onStarted }: Work, signal: AbortSignal | undefined): Promise<Settlement> {
    this.#holders++
    if (onStarted && this.#isStarted) await onStarted()
    else if (onStarted) this.#onStarted.push(onStarted)
    if (!signal) return await this.settlement
    const left = new Promise<Settlement>((resolve) => {
      const leave = () => {
        this.#holders--
        // What is being started is waited for: its settlement says what became of it.
        if (this.#holders === 0) this.abandon(signal.reason)
        else resolve(HANDED_OVER)
      }
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true, signal: this.#done.signal })
    })
    return await Promise.race([this.settlement, left])
  }

  async started(): Promise<void> {
    this.#isStarted = true
    await Promise.all(this.#onStarted.splice(0).map((onStarted) => onStarted()))
  }

  abandon(reason: unknown): void {
    this.#letGo.abort(reason)
  }

  letGoOfSignals(): void {
    this.#done.abort(LEFT)
  }
}
