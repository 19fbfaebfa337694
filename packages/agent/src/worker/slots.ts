/** A bounded number of slots; who waits gets one in order. */
export class Slots {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get taken(): number {
    return this.#taken
  }

  get isIdle(): boolean {
    return this.#taken === 0 && this.#waiting.length === 0
  }

  /**
   * Waits for a slot. Its holder gives it back by calling the result, once.
   *
   * @throws the signal's reason if it is aborted before
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#taken >= this.#limit) await this.#turn(signal)
    else this.#taken++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#release()
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(next), 1)
        reject(signal.reason)
      }
      const next = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(next)
    })
  }

  #release(): void {
    const next = this.#waiting.shift()
    // The slot goes to who has waited longest.
    if (next) next()
    else this.#taken--
  }
}

/** Slots by key, each with the same limit. Keys that nobody uses are forgotten. */
export class KeyedSlots {
  readonly #limit: number | undefined
  readonly #slots = new Map<string, Slots>()

  /** @param limit undefined: there is none */
  constructor(limit: number | undefined) {
    this.#limit = limit
  }

  async take(key: string | undefined, signal: AbortSignal): Promise<() => void> {
    if (this.#limit === undefined || key === undefined) return () => {}
    const slots = this.#slots.get(key) ?? new Slots(this.#limit)
    this.#slots.set(key, slots)
    try {
      const release = await slots.take(signal)
      return () => {
        release()
        this.#forget(key, slots)
      }
    } catch (error) {
      this.#forget(key, slots)
      throw error
    }
  }

  #forget(key: string, slots: Slots): void {
    if (slots.isIdle) this.#slots.delete(key)
  }
}
