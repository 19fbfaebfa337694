import type { Clock } from '@port-dispatch/core'
import { type KafkaModule, type KafkaSettings, within } from '@port-dispatch/dispatcher/kafka'
import type { Intake } from '../../work.ts'
import { Commits } from './commits.ts'
import { Fetcher } from './fetcher.ts'
import { HeldPartitions, type PartitionObserver } from './held-partitions.ts'
import { Membership } from './membership.ts'
import type { KafkaRecord, Partition } from './partition.ts'
import type { MessageRead } from './read-message.ts'
import { Wakeup } from './wakeup.ts'

/** What the source learns of its sessions, for metrics and the log. */
export interface SessionObserver extends PartitionObserver {
  received(topic: string): void
}

export interface SessionOptions {
  kafka: KafkaModule
  settings: KafkaSettings
  groupId: string
  topics: readonly string[]
  /** Milliseconds. */
  sessionTimeout: number
  /** Where a partition is read from that the group has committed nothing of. */
  startFrom: 'earliest' | 'latest'
  /** Messages of a partition that are not committed; then no more of it are begun. */
  maxUncommitted: number
  /** Milliseconds between two looks at how many partitions there are. */
  partitionsEvery: number
  clock: Clock
  intake: Intake
  read(record: KafkaRecord, mayHaveBegun: 'no' | 'maybe'): MessageRead
  observer: SessionObserver
}

const CLOSE_WITHIN_MS = 5_000
/** A partition with fewer messages in its queue is fetched. */
const SHORT_QUEUE = 256
/** Messages after which everything else has its turn. */
const BATCH = 32

/** One membership in the group, from joining to leaving or to what it cannot recover from. */
export class Session {
  readonly #options: SessionOptions
  readonly #membership: Membership
  readonly #fetcher: Fetcher
  readonly #held: HeldPartitions
  readonly #closing = new AbortController()
  readonly #failed = Promise.withResolvers<never>()
  readonly #queued = new Wakeup()
  readonly #commits: Commits

  constructor(options: SessionOptions) {
    const { observer, sessionTimeout, kafka, settings, groupId, topics, startFrom, clock } = options
    this.#options = options
    this.#failed.promise.catch(() => {})
    const shared = { kafka, settings, groupId, topics, clock }
    this.#membership = new Membership({
      ...shared,
      sessionTimeout,
      onChange: () => this.#held.reconcile(),
      onRevoke: (kept, limit) => this.#held.revoke(kept, limit),
      onHeartbeat: (error) => observer.result('group', error),
      onEnd: (error) => this.#fail(error),
    })
    this.#commits = new Commits({
      membership: this.#membership,
      held: () => this.#held,
      clock,
      observer,
      onStuck: (error) => this.#fail(error),
      signal: this.#closing.signal,
    })
    this.#fetcher = new Fetcher({
      ...shared,
      wanted: () => this.#wanted(),
      held: () => this.#held.size,
      onRecords: () => this.#queued.notify(),
      onResult: (broker, error) => observer.result(`broker ${broker ?? ''}`.trim(), error),
      onOutOfRange: (partition) => {
        this.#held.drop(partition)
        this.#held.reconcile()
      },
    })
    this.#held = new HeldPartitions({
      membership: this.#membership,
      fetcher: this.#fetcher,
      startFrom,
      clock,
      observer,
      // Without it, a crash before the first commit could begin at another offset.
      onTaken: () => void this.#commits.commit(),
      signal: this.#closing.signal,
    })
  }

  get partitions(): Iterable<Partition> {
    return this.#held
  }

  /**
   * Takes messages until the signal is aborted, and resolves when what was begun is settled and committed.
   *
   * @throws what it cannot recover from
   */
  async run(stop: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) =>
      stop.addEventListener('abort', () => resolve(), { once: true }),
    )
    const taking = AbortSignal.any([stop, this.#closing.signal])
    try {
      await Promise.race([this.#open(), this.#failed.promise, stopped])
      for (const loop of [
        this.#handOut(taking),
        this.#fetcher.run(taking),
        this.#commits.run(),
        this.#watchLease(),
        this.#watchPartitions(),
      ]) {
        loop.catch((error) => this.#fail(error))
      }
      await Promise.race([this.#failed.promise, stopped])
      await Promise.race([this.#failed.promise, this.#drained()])
      await Promise.race([this.#failed.promise, this.#commits.flush()])
    } finally {
      this.#closing.abort()
      this.#held.dropAll()
      await Promise.all([this.#membership.leave(), this.#closeFetcher()])
    }
  }

  async #open(): Promise<void> {
    await this.#fetcher.partitionCounts()
    await this.#membership.join()
  }

  #fail(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#failed.reject(error)
  }

  #wanted(): Partition[] {
    return [...this.#held].filter(
      ({ queue, uncommitted }) =>
        queue.length < SHORT_QUEUE && uncommitted + queue.length < this.#options.maxUncommitted,
    )
  }

  /** Begins messages as the worker has room for them, of all partitions in turn. */
  async #handOut(signal: AbortSignal): Promise<void> {
    const { intake } = this.#options
    while (!signal.aborted) {
      const next = this.#next()
      if (!next) {
        await this.#queued.wait(signal)
        continue
      }
      const room = await intake.room(signal)
      for (let count = Math.min(room, BATCH); count > 0 && !signal.aborted; count--) {
        const partition = this.#next()
        if (!partition) break
        this.#begin(partition)
      }
      this.#fetcher.wake()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The partition whose turn it is. */
  #next(): Partition | undefined {
    const { maxUncommitted } = this.#options
    return this.#held.next(
      ({ queue, uncommitted }) => queue.length > 0 && uncommitted < maxUncommitted,
    )
  }

  #begin(partition: Partition): void {
    if (!this.#membership.lease.isAlive) {
      this.#held.reconcile()
      return
    }
    const record = partition.begin()
    if (!record) return
    const { observer } = this.#options
    observer.received(record.topic)
    partition.follow(this.#settle(partition, record).catch((error: unknown) => this.#fail(error)))
  }

  async #settle(partition: Partition, record: KafkaRecord): Promise<void> {
    const { read, intake } = this.#options
    const message = read(record, record.offset < partition.end ? 'maybe' : 'no')
    if (message.type === 'work') {
      const { type } = await intake.execute(message.work, partition.signal)
      if (type === 'handed-over') return
    } else if (message.type === 'refusal') {
      await intake.refuse(message.refusal)
    }
    partition.ledger.done(record.offset)
    this.#commits.settled()
    this.#queued.notify()
    this.#fetcher.wake()
  }

  async #drained(): Promise<void> {
    await Promise.all([...this.#held].map((partition) => partition.settled()))
  }

  /** Lets go of everything when the lease runs out, and ends if the client has given up. */
  async #watchLease(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      const { lease } = this.#membership
      const pause = Math.min(Math.max(lease.remaining, 50), 1_000)
      await clock.sleep(pause, signal).catch(() => {})
      if (!lease.isAlive) this.#held.reconcile()
      if (!this.#membership.isActive) this.#fail(new Error('The membership in the group has ended'))
    }
  }

  /** Looks whether partitions were added to the topics: the broker does not say so. */
  async #watchPartitions(): Promise<void> {
    const { clock, partitionsEvery } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      await clock.sleep(partitionsEvery, signal).catch(() => {})
      if (signal.aborted) return
      // While the broker cannot be asked, fetching says so.
      const counts = await this.#fetcher.partitionCounts().catch(() => undefined)
      if (counts && !signal.aborted) await this.#membership.divide(counts)
    }
  }

  async #closeFetcher(): Promise<void> {
    const limit = { clock: this.#options.clock, limit: CLOSE_WITHIN_MS, signal: undefined }
    // There is nothing to do about a connection that does not close.
    await within(this.#fetcher.close(), limit).catch(() => {})
  }
}
