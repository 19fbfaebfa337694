import type { Clock } from '@port-dispatch/core'
import { type KafkaModule, type KafkaSettings, within } from '@port-dispatch/dispatcher/kafka'
import type { Intake } from '../../work.ts'
import { type CommitObserver, Commits, toCommit } from './commits.ts'
import { Fetcher } from './fetcher.ts'
import { Membership } from './membership.ts'
import { type KafkaRecord, keyOf, Partition, type PartitionName } from './partition.ts'
import type { MessageRead } from './read-message.ts'
import { Wakeup } from './wakeup.ts'

/** What the source learns of its sessions, for metrics and the log. */
export interface SessionObserver extends CommitObserver {
  received(topic: string): void
  expired(partition: PartitionName, messages: bigint): void
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
  clock: Clock
  intake: Intake
  read(record: KafkaRecord, mayHaveBegun: 'no' | 'maybe'): MessageRead
  observer: SessionObserver
}

const CLOSE_WITHIN_MS = 5_000
const PREPARE_AGAIN_MS = 500
/** A partition with fewer messages in its queue is fetched. */
const SHORT_QUEUE = 256
/** Messages after which everything else has its turn. */
const BATCH = 32

/** One membership in the group, from joining to leaving or to what it cannot recover from. */
export class Session {
  readonly #options: SessionOptions
  readonly #membership: Membership
  readonly #fetcher: Fetcher
  readonly #held = new Map<string, Partition>()
  /** Partitions of which it is looked up where they start. */
  readonly #preparing = new Map<string, symbol>()
  readonly #closing = new AbortController()
  readonly #failed = Promise.withResolvers<never>()
  readonly #queued = new Wakeup()
  readonly #commits: Commits

  constructor(options: SessionOptions) {
    const { observer, sessionTimeout, kafka, settings, groupId, topics, clock } = options
    this.#options = options
    this.#failed.promise.catch(() => {})
    const shared = { kafka, settings, groupId, topics, clock }
    this.#membership = new Membership({
      ...shared,
      sessionTimeout,
      onChange: () => this.#reconcile(),
      onRevoke: (kept, limit) => this.#revoke(kept, limit),
      onHeartbeat: (error) => observer.result('group', error),
      onEnd: (error) => this.#fail(error),
    })
    this.#commits = new Commits({
      membership: this.#membership,
      held: () => this.#held.values(),
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
        this.#drop(partition)
        this.#reconcile()
      },
    })
  }

  get partitions(): Iterable<Partition> {
    return this.#held.values()
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
      ]) {
        loop.catch((error) => this.#fail(error))
      }
      await Promise.race([this.#failed.promise, stopped])
      await Promise.race([this.#failed.promise, this.#drained()])
      await Promise.race([this.#failed.promise, this.#commits.flush()])
    } finally {
      this.#closing.abort()
      for (const partition of this.#held.values()) this.#drop(partition)
      await Promise.all([this.#membership.leave(), this.#closeFetcher()])
    }
  }

  async #open(): Promise<void> {
    await this.#fetcher.check()
    await this.#membership.join()
  }

  #fail(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#failed.reject(error)
  }

  /** Makes what is held what is ours. */
  #reconcile(): void {
    if (this.#closing.signal.aborted) return
    const { assigned } = this.#membership
    const keys = new Set(assigned.map(keyOf))
    for (const partition of this.#held.values()) {
      if (!keys.has(partition.key)) this.#drop(partition)
    }
    for (const key of this.#preparing.keys()) if (!keys.has(key)) this.#preparing.delete(key)
    const gained = assigned.filter((name) => {
      const key = keyOf(name)
      return !this.#held.has(key) && !this.#preparing.has(key)
    })
    if (gained.length > 0) void this.#prepare(gained)
  }

  /** Looks up where partitions start, and takes them. */
  async #prepare(partitions: readonly PartitionName[]): Promise<void> {
    const token = Symbol('preparation')
    for (const name of partitions) this.#preparing.set(keyOf(name), token)
    const open = () => partitions.filter((name) => this.#preparing.get(keyOf(name)) === token)
    const { observer, clock, startFrom } = this.#options
    while (open().length > 0 && !this.#closing.signal.aborted) {
      try {
        // Whoever had them has committed by now: the group waited for that.
        const committed = await this.#membership.committed(open())
        const bounds = await this.#fetcher.bounds(open())
        observer.result('offsets', undefined)
        for (const name of open()) {
          const { start, end } = bounds.get(keyOf(name)) ?? { start: 0n, end: 0n }
          const known = committed.get(keyOf(name))
          let offset = known ?? (startFrom === 'earliest' ? start : end)
          if (offset > end) offset = startFrom === 'earliest' ? start : end
          if (offset < start) {
            observer.expired(name, start - offset)
            offset = start
          }
          this.#preparing.delete(keyOf(name))
          const isCommitted = known === offset
          this.#held.set(keyOf(name), new Partition({ ...name, offset, end, isCommitted }))
        }
        this.#fetcher.wake()
        // Without it, a crash before the first commit could begin at another offset.
        void this.#commits.commit()
      } catch (error) {
        observer.result('offsets', error)
        await clock.sleep(PREPARE_AGAIN_MS, this.#closing.signal).catch(() => {})
      }
    }
  }

  #drop(partition: Partition): void {
    this.#held.delete(partition.key)
    partition.lose()
  }

  /** Gives partitions away: nothing is begun any more, what was begun gets time to be linked in Port. */
  async #revoke(kept: readonly PartitionName[], limit: number): Promise<void> {
    const keys = new Set(kept.map(keyOf))
    for (const key of this.#preparing.keys()) if (!keys.has(key)) this.#preparing.delete(key)
    const revoked = [...this.#held.values()].filter(({ key }) => !keys.has(key))
    for (const partition of revoked) this.#drop(partition)
    if (limit <= 0 || revoked.length === 0) return
    const { clock, observer } = this.#options
    const until = clock.now() + limit
    const time = () => ({ clock, limit: Math.max(1, until - clock.now()), signal: undefined })
    const settled = Promise.all(revoked.map((partition) => partition.settled()))
    await within(settled, time()).catch(() => {})
    const offsets = toCommit(revoked)
    if (offsets.length === 0) return
    try {
      await within(this.#membership.commit(offsets), time())
      observer.committed()
    } catch (error) {
      observer.commitFailed()
      observer.result('commit', error)
    }
  }

  #wanted(): Partition[] {
    return [...this.#held.values()].filter(
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
    for (const partition of this.#held.values()) {
      const { key, queue, uncommitted } = partition
      if (queue.length === 0 || uncommitted >= this.#options.maxUncommitted) continue
      this.#held.delete(key)
      this.#held.set(key, partition)
      return partition
    }
    return undefined
  }

  #begin(partition: Partition): void {
    if (!this.#membership.lease.isAlive) {
      this.#reconcile()
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
    await Promise.all([...this.#held.values()].map((partition) => partition.settled()))
  }

  /** Lets go of everything when the lease runs out, and ends if the client has given up. */
  async #watchLease(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      const { lease } = this.#membership
      const pause = Math.min(Math.max(lease.remaining, 50), 1_000)
      await clock.sleep(pause, signal).catch(() => {})
      if (!lease.isAlive) this.#reconcile()
      if (!this.#membership.isActive) this.#fail(new Error('The membership in the group has ended'))
    }
  }

  async #closeFetcher(): Promise<void> {
    const limit = { clock: this.#options.clock, limit: CLOSE_WITHIN_MS, signal: undefined }
    // There is nothing to do about a connection that does not close.
    await within(this.#fetcher.close(), limit).catch(() => {})
  }
}
