import type { Consumer } from '@platformatic/kafka'
import type { Clock } from '@port-dispatch/core'
import {
  clientOptions,
  type KafkaModule,
  type KafkaSettings,
  outliveConnections,
  within,
} from '@port-dispatch/dispatcher/kafka'
import { Lease } from './lease.ts'
import { keyOf, type PartitionName, type PartitionStart } from './partition.ts'

export interface MembershipOptions {
  kafka: KafkaModule
  settings: KafkaSettings
  groupId: string
  topics: readonly string[]
  /** Milliseconds. */
  sessionTimeout: number
  clock: Clock
  /** Called when the assignment or the lease may have changed. Must not throw. */
  onChange(): void
  /**
   * Called before partitions are given to others, who wait for it. Must not throw.
   *
   * @param kept what stays ours
   * @param within milliseconds that it may take; 0: others may have the partitions already
   */
  onRevoke(kept: readonly PartitionName[], within: number): Promise<void>
  onHeartbeat(error: unknown): void
  /** Called when it cannot go on. */
  onEnd(error: unknown): void
}

/** Sent as part of the protocol: as long as all members keep their partitions, only those that move are let go. */
const PROTOCOL = { name: 'cooperative-sticky', version: 3 }
const MAX_HEARTBEAT_MS = 3_000
const RETRIES = 3
const RETRY_DELAY_MS = 500
const LEAVE_WITHIN_MS = 2_000

/** A member of a consumer group: which partitions are ours, and for how long that is certain. */
export class Membership {
  readonly lease: Lease
  readonly #options: MembershipOptions
  readonly #consumer: Consumer
  /** Partitions are about to be given away. */
  #isRebalancing = false
  #isJoining = true
  #heartbeatSentAt = 0
  #joinSentAt: number
  /** Partitions by topic, as they were divided last, and as they were first. */
  #divided = new Map<string, number>()
  #first: ReadonlyMap<string, number> | undefined
  /** How long members have to join again, and how long the broker waits for them. */
  readonly #joinWithin: number

  constructor(options: MembershipOptions) {
    const { kafka, settings, groupId, sessionTimeout, clock, topics } = options
    this.#options = options
    this.#joinWithin = Math.max(sessionTimeout, 30_000)
    this.#joinSentAt = clock.now()
    this.lease = new Lease(clock, sessionTimeout)
    this.#consumer = new kafka.Consumer({
      ...clientOptions(settings),
      groupId,
      sessionTimeout,
      rebalanceTimeout: this.#joinWithin,
      heartbeatInterval: Math.min(MAX_HEARTBEAT_MS, Math.ceil(sessionTimeout / 10)),
      // A request to join is answered when all members have joined.
      requestTimeout: this.#joinWithin + 5_000,
      protocols: [PROTOCOL],
      protocolsMetadata: (_protocols, _topics, { topics: known }) => this.#beforeJoin(known),
      autocommit: false,
      retries: RETRIES,
      retryDelay: RETRY_DELAY_MS,
    })
    outliveConnections(this.#consumer)
    for (const topic of topics) this.#consumer.topics.track(topic)
    this.#listen()
  }

  #listen(): void {
    const consumer = this.#consumer
    const { clock, onChange, onHeartbeat, onEnd } = this.#options
    consumer.on('consumer:heartbeat:start', () => {
      this.#heartbeatSentAt = clock.now()
    })
    consumer.on('consumer:heartbeat:end', () => {
      this.lease.renew(this.#heartbeatSentAt)
      onHeartbeat(undefined)
      onChange()
    })
    consumer.on('consumer:heartbeat:error', ({ error }) => onHeartbeat(error))
    consumer.on('consumer:group:rebalance', () => {
      // The broker says so to members only, in response to a heartbeat.
      this.lease.renew(this.#heartbeatSentAt)
      this.#isRebalancing = true
    })
    consumer.on('consumer:group:join', () => {
      this.#isJoining = false
      this.lease.renew(this.#joinSentAt)
      onHeartbeat(undefined)
      onChange()
    })
    // Without heartbeats from here on: the client does not join again.
    consumer.on('error', onEnd)
  }

  async join(): Promise<void> {
    await this.#consumer.joinGroup({})
  }

  /**
   * Has the group divide its partitions anew if there are more of them: until then nobody has those that were added.
   *
   * @param counts partitions by topic
   */
  async divide(counts: ReadonlyMap<string, number>): Promise<void> {
    const hasGrown = [...counts].some(([topic, count]) => count > (this.#divided.get(topic) ?? 0))
    if (!hasGrown || this.#isJoining || !this.isActive) return
    await this.join()
  }

  /** Whether a partition was added to its topic while we were a member: all its messages came after that. */
  isAdded({ topic, partition }: PartitionName): boolean {
    const count = this.#first?.get(topic)
    return count !== undefined && partition >= count
  }

  /** The partitions that are certainly ours. */
  get assigned(): PartitionName[] {
    return this.lease.isAlive ? this.#assigned : []
  }

  get isJoining(): boolean {
    return this.#isJoining
  }

  /** Whether it is a member, or still tries to be one. */
  get isActive(): boolean {
    if (!this.#isJoining) return this.#consumer.isActive()
    return this.#options.clock.now() - this.#joinSentAt < 2 * this.#joinWithin
  }

  /** @returns the committed offset by `keyOf`, where there is one */
  async committed(partitions: readonly PartitionName[]): Promise<Map<string, bigint>> {
    const topics = Map.groupBy(partitions, ({ topic }) => topic)
    const offsets = await this.#consumer.listCommittedOffsets({
      topics: [...topics].map(([topic, of]) => ({
        topic,
        partitions: of.map(({ partition }) => partition),
      })),
    })
    const known = partitions.flatMap(({ topic, partition }) => {
      const offset = offsets.get(topic)?.[partition]
      return offset !== undefined && offset >= 0n
        ? [[keyOf({ topic, partition }), offset] as const]
        : []
    })
    return new Map(known)
  }

  async commit(offsets: readonly Pick<PartitionStart, 'topic' | 'partition' | 'offset'>[]) {
    await this.#consumer.commit({
      offsets: offsets.map((offset) => ({ ...offset, leaderEpoch: -1 })),
    })
  }

  /** Leaves the group, so that others need not wait for the session timeout. */
  async leave(): Promise<void> {
    this.lease.end()
    const limit = { clock: this.#options.clock, limit: LEAVE_WITHIN_MS, signal: undefined }
    // What does not succeed ends with the session timeout.
    await within(this.#consumer.close(true), limit).catch(() => {})
  }

  /**
   * The client calls it before it sends a request to join, and waits for it. Until all members have sent theirs, the
   * broker gives no partition to anybody else.
   */
  async #beforeJoin(topics: ReadonlyMap<string, { partitionsCount: number }>): Promise<Buffer> {
    this.#divided = new Map(
      [...topics].map(([topic, { partitionsCount }]) => [topic, partitionsCount]),
    )
    this.#first ??= this.#divided
    const { onRevoke, sessionTimeout, clock } = this.#options
    const isOrderly = this.#isRebalancing
    this.#isRebalancing = false
    this.#isJoining = true
    const kept = this.#assigned
    await onRevoke(kept, isOrderly ? Math.min(sessionTimeout / 2, this.lease.remaining) : 0)
    this.#joinSentAt = clock.now()
    const generation = Buffer.alloc(4)
    generation.writeInt32BE(kept.length > 0 ? this.#consumer.generationId : -1)
    return generation
  }

  get #assigned(): PartitionName[] {
    return (this.#consumer.assignments ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    )
  }
}
