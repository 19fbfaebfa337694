/** Numbers that look like chance, the same for the same seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** From 0 to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  upTo(max: number): number {
    return this.next() * max
  }

  chance(part: number): boolean {
    return this.next() < part
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.upTo(items.length))] ?? items[0]
  }
}
