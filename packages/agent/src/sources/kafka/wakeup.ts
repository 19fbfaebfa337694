/** Wakes one loop that waits for something to do. What happens while it is busy is not missed. */
export class Wakeup {
  #isDue = false
  #wake: (() => void) | undefined

  notify(): void {
    this.#isDue = true
    this.#wake?.()
  }

  /** Resolves after `notify`, or when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#isDue && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      this.#wake = undefined
    }
    this.#isDue = false
  }
}
