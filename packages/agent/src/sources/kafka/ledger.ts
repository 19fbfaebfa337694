/**
 * What has become of the messages of one partition, since it is ours: how far everything is done, which is how far may
 * be committed. Offsets come in order, with gaps where Kafka has records of its own.
 */
export class Ledger {
  /** Offsets from the first that is not done on, and whether they are done. In order. */
  readonly #open = new Map<bigint, boolean>()
  #next: bigint

  /** @param start the offset of the first message that is not done */
  constructor(start: bigint) {
    this.#next = start
  }

  /** The offset after the last one that was begun or passed. */
  get next(): bigint {
    return this.#next
  }

  /** Messages from the first that is not done on. */
  get size(): number {
    return this.#open.size
  }

  /** The lowest offset that is not done: what a new owner of the partition starts at. */
  get committable(): bigint {
    const [first] = this.#open.keys()
    return first ?? this.#next
  }

  /** @returns false if the offset was begun or passed before: then it is a repetition */
  begin(offset: bigint): boolean {
    if (offset < this.#next) return false
    this.#open.set(offset, false)
    this.#next = offset + 1n
    return true
  }

  /** Passes over what is no message, up to the next offset. */
  pass(next: bigint): void {
    if (next > this.#next) this.#next = next
  }

  done(offset: bigint): void {
    if (!this.#open.has(offset)) return
    this.#open.set(offset, true)
    for (const [first, isDone] of this.#open) {
      if (!isDone) return
      this.#open.delete(first)
    }
  }
}
