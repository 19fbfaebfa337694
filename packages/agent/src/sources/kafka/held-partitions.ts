import type { Clock } from '@port-dispatch/core'
import { within } from '@port-dispatch/dispatcher/kafka'
import { type CommitObserver, toCommit } from './commits.ts'
import type { Fetcher } from './fetcher.ts'
import type { Membership } from './membership.ts'
import { keyOf, Partition, type PartitionName } from './partition.ts'

export interface PartitionObserver extends CommitObserver {
  /** Messages that the broker has deleted before anybody had them. */
  expired(partition: PartitionName, messages: bigint): void
}

export interface HeldPartitionsOptions {
  membership: Membership
  fetcher: Fetcher
  startFrom: 'earliest' | 'latest'
  clock: Clock
  observer: PartitionObserver
  /** Called with partitions that were taken: their start is to be committed. */
  onTaken: () => void
  /** The session ends. */
  signal: AbortSignal
}

const PREPARE_AGAIN_MS = 500

/** The partitions that are ours, each from the message on with which it starts. */
export class HeldPartitions implements Iterable<Partition> {
  readonly #options: HeldPartitionsOptions
  readonly #held = new Map<string, Partition>()
  /** Partitions of which it is looked up where they start. */
  readonly #preparing = new Map<string, symbol>()

  constructor(options: HeldPartitionsOptions) {
    this.#options = options
  }

  [Symbol.iterator](): Iterator<Partition> {
    return this.#held.values()
  }

  get size(): number {
    return this.#held.size
  }

  /** The partition whose turn it is among those that fit; afterwards it is the turn of the others. */
  next(isFit: (partition: Partition) => boolean): Partition | undefined {
    for (const [key, partition] of this.#held) {
      if (!isFit(partition)) continue
      this.#held.delete(key)
      this.#held.set(key, partition)
      return partition
    }
    return undefined
  }

  /** Makes what is held what is assigned to us. */
  reconcile(): void {
    const { membership, signal } = this.#options
    if (signal.aborted) return
    const { assigned } = membership
    const keys = new Set(assigned.map(keyOf))
    for (const partition of this.#held.values()) {
      if (!keys.has(partition.key)) this.drop(partition)
    }
    for (const key of this.#preparing.keys()) if (!keys.has(key)) this.#preparing.delete(key)
    const gained = assigned.filter((name) => {
      const key = keyOf(name)
      return !this.#held.has(key) && !this.#preparing.has(key)
    })
    if (gained.length > 0) void this.#prepare(gained)
  }

  drop(partition: Partition): void {
    this.#held.delete(partition.key)
    partition.lose()
  }

  dropAll(): void {
    for (const partition of this.#held.values()) this.drop(partition)
  }

  /** Looks up where partitions start, and takes them. */
  async #prepare(partitions: readonly PartitionName[]): Promise<void> {
    const token = Symbol('preparation')
    for (const name of partitions) this.#preparing.set(keyOf(name), token)
    const open = () => partitions.filter((name) => this.#preparing.get(keyOf(name)) === token)
    const { membership, fetcher, observer, clock, startFrom, signal, onTaken } = this.#options
    while (open().length > 0 && !signal.aborted) {
      try {
        // Whoever had them has committed by now: the group waited for that.
        const committed = await membership.committed(open())
        const bounds = await fetcher.bounds(open())
        observer.result('offsets', undefined)
        for (const name of open()) {
          const { start, end } = bounds.get(keyOf(name)) ?? { start: 0n, end: 0n }
          const known = committed.get(keyOf(name))
          const first = startFrom === 'earliest' || membership.isAdded(name) ? start : end
          let offset = known ?? first
          if (offset > end) offset = first
          if (offset < start) {
            observer.expired(name, start - offset)
            offset = start
          }
          this.#preparing.delete(keyOf(name))
          const isCommitted = known === offset
          this.#held.set(keyOf(name), new Partition({ ...name, offset, end, isCommitted }))
        }
        fetcher.wake()
        onTaken()
      } catch (error) {
        observer.result('offsets', error)
        await clock.sleep(PREPARE_AGAIN_MS, signal).catch(() => {})
      }
    }
  }

  /** Gives partitions away: nothing is begun any more, what was begun gets time to be linked in Port. */
  async revoke(kept: readonly PartitionName[], limit: number): Promise<void> {
    const keys = new Set(kept.map(keyOf))
    for (const key of this.#preparing.keys()) if (!keys.has(key)) this.#preparing.delete(key)
    const revoked = [...this.#held.values()].filter(({ key }) => !keys.has(key))
    for (const partition of revoked) this.drop(partition)
    if (limit <= 0 || revoked.length === 0) return
    const { membership, clock, observer } = this.#options
    const until = clock.now() + limit
    const time = () => ({ clock, limit: Math.max(1, until - clock.now()), signal: undefined })
    const settled = Promise.all(revoked.map((partition) => partition.settled()))
    await within(settled, time()).catch(() => {})
    const offsets = toCommit(revoked)
    if (offsets.length === 0) return
    try {
      await within(membership.commit(offsets), time())
      observer.committed()
    } catch (error) {
      observer.commitFailed()
      observer.result('commit', error)
    }
  }
}
