import type { Consumer } from '@platformatic/kafka'
import type { Clock } from '@port-dispatch/core'
import {
  clientOptions,
  type KafkaModule,
  type KafkaSettings,
  outliveConnections,
} from '@port-dispatch/dispatcher/kafka'
import { type KafkaRecord, keyOf, type Partition, type PartitionName } from './partition.ts'
import { Wakeup } from './wakeup.ts'

export interface FetcherOptions {
  kafka: KafkaModule
  settings: KafkaSettings
  groupId: string
  topics: readonly string[]
  clock: Clock
  /** Partitions to fetch, those whose queues are short. */
  wanted(): readonly Partition[]
  /** How many partitions there are, wanted or not. */
  held(): number
  onRecords(): void
  /** @param broker undefined if it does not know which */
  onResult(broker: number | undefined, error: unknown): void
  /** The offset at which a partition would go on does not exist any more, or not yet. */
  onOutOfRange(partition: Partition): void
}

/** How long the broker waits for messages. A partition that becomes wanted meanwhile waits as long. */
const MAX_WAIT_MS = 250
const SHORT_WAIT_MS = 20
const MAX_BYTES_PER_PARTITION = 256 * 1024
const MAX_BYTES = 4 * 1024 * 1024
const REQUEST_WITHIN_MS = 10_000
const PAUSE_MS = 500
/** Bits of the attributes of a batch. */
const CONTROL = 0b10_0000
const LOG_APPEND_TIME = 0b1000
const READ_UNCOMMITTED = 0
const END = -1n
const START = -2n

/**
 * Reads partitions over connections of its own, so that a request that waits for messages does not hold up heartbeats.
 * It fetches itself rather than by the stream of the client, which after each change of the group delivers again what
 * is not committed, and buffered messages of partitions that are lost.
 */
export class Fetcher {
  readonly #options: FetcherOptions
  readonly #consumer: Consumer
  readonly #busy = new Set<number>()
  readonly #failing = new Set<number>()
  readonly #wakeup = new Wakeup()

  constructor(options: FetcherOptions) {
    const { kafka, settings, groupId } = options
    this.#options = options
    this.#consumer = new kafka.Consumer({
      ...clientOptions(settings),
      groupId,
      requestTimeout: REQUEST_WITHIN_MS,
      autocommit: false,
      retries: 0,
    })
    outliveConnections(this.#consumer)
    for (const topic of options.topics) this.#consumer.topics.track(topic)
  }

  /**
   * Asks the broker how many partitions the topics have.
   *
   * @throws the client's error if a topic does not exist or the broker cannot be reached
   */
  async partitionCounts(): Promise<Map<string, number>> {
    const { topics } = this.#options
    const metadata = await this.#consumer.metadata({ topics: [...topics], forceUpdate: true })
    return new Map(
      [...metadata.topics].map(([topic, { partitionsCount }]) => [topic, partitionsCount]),
    )
  }

  /** @returns the first and the next offset of partitions, by `keyOf` */
  async bounds(
    partitions: readonly PartitionName[],
  ): Promise<Map<string, { start: bigint; end: bigint }>> {
    const byTopic = Map.groupBy(partitions, ({ topic }) => topic)
    const listed = {
      topics: [...byTopic.keys()],
      partitions: Object.fromEntries(
        [...byTopic].map(([topic, of]) => [topic, of.map(({ partition }) => partition)]),
      ),
      isolationLevel: READ_UNCOMMITTED,
    }
    const ends = await this.#consumer.listOffsets({ ...listed, timestamp: END })
    const starts = await this.#consumer.listOffsets({ ...listed, timestamp: START })
    return new Map(
      partitions.map((name) => {
        const start = starts.get(name.topic)?.[name.partition]
        const end = ends.get(name.topic)?.[name.partition]
        if (start === undefined || end === undefined) {
          throw new Error(`Kafka did not list the offsets of partition ${keyOf(name)}.`)
        }
        return [keyOf(name), { start, end }]
      }),
    )
  }

  /** Something may be wanted that was not before. */
  wake(): void {
    this.#wakeup.notify()
  }

  /** Fetches until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const byBroker = await this.#byBroker()
        for (const [broker, partitions] of byBroker) {
          if (!this.#busy.has(broker)) void this.#fetch(broker, partitions, signal)
        }
        // Partitions have moved to other brokers.
        for (const broker of byBroker.size > 0 ? this.#failing : []) {
          if (!byBroker.has(broker)) this.#report(broker, undefined)
        }
        this.#options.onResult(undefined, undefined)
      } catch (error) {
        this.#options.onResult(undefined, error)
        this.#consumer.clearMetadata()
        void this.#wakeLater(signal)
      }
      await this.#wakeup.wait(signal)
    }
  }

  async close(): Promise<void> {
    await this.#consumer.close(true)
  }

  async #byBroker(): Promise<Map<number, Partition[]>> {
    const { topics, wanted } = this.#options
    if (wanted().length === 0) return new Map()
    const metadata = await this.#consumer.metadata({ topics: [...topics] })
    return Map.groupBy(wanted(), ({ topic, partition }) => {
      const leader = metadata.topics.get(topic)?.partitions[partition]?.leader
      if (leader === undefined || leader < 0) {
        throw new Error(`Partition ${keyOf({ topic, partition })} has no leader.`)
      }
      return leader
    })
  }

  async #fetch(broker: number, partitions: Partition[], signal: AbortSignal): Promise<void> {
    this.#busy.add(broker)
    // What changes until the response is there makes it void for that partition.
    const requested = new Map(partitions.map((one) => [one.key, { of: one, at: one.position }]))
    try {
      const metadata = await this.#consumer.metadata({ topics: [...this.#options.topics] })
      const ids = new Map([...metadata.topics].map(([topic, { id }]) => [id, topic]))
      const byTopic = Map.groupBy(partitions, ({ topic }) => topic)
      const { responses } = await this.#consumer.fetch({
        node: broker,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        maxWaitTime: partitions.length < this.#options.held() ? SHORT_WAIT_MS : MAX_WAIT_MS,
        topics: [...byTopic].map(([topic, of]) => ({
          topicId: metadata.topics.get(topic)?.id ?? '',
          partitions: of.map(({ partition, position }) => ({
            partition,
            fetchOffset: position,
            partitionMaxBytes: MAX_BYTES_PER_PARTITION,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
          })),
        })),
      })
      for (const { topicId, partitions: read } of responses) {
        const topic = ids.get(topicId) ?? topicId
        for (const response of read) {
          const { of, at } =
            requested.get(keyOf({ topic, partition: response.partitionIndex })) ?? {}
          if (!of || of.signal.aborted || of.position !== at) continue
          of.highWatermark = response.highWatermark
          take(of, response.records ?? [])
        }
      }
      this.#report(broker, undefined)
      this.#options.onRecords()
      this.#busy.delete(broker)
      this.wake()
    } catch (error) {
      if (!signal.aborted) this.#failed(broker, error, requested)
      await this.#wakeLater(signal)
      this.#busy.delete(broker)
      this.wake()
    }
  }

  #failed(broker: number, error: unknown, requested: ReadonlyMap<string, { of: Partition }>) {
    const { kafka, onOutOfRange } = this.#options
    const outOfRange =
      error instanceof Error && kafka.findErrorBy(error, 'apiId', 'OFFSET_OUT_OF_RANGE')
    if (outOfRange) {
      // Which one it is, the bounds of each will show.
      for (const { of } of requested.values()) onOutOfRange(of)
      return
    }
    this.#consumer.clearMetadata()
    this.#report(broker, error)
  }

  #report(broker: number, error: unknown): void {
    if (error === undefined) this.#failing.delete(broker)
    else this.#failing.add(broker)
    this.#options.onResult(broker, error)
  }

  async #wakeLater(signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(PAUSE_MS, signal).catch(() => {})
    this.wake()
  }
}

type Batch = NonNullable<
  Awaited<ReturnType<Consumer['fetch']>>['responses'][number]['partitions'][number]['records']
>[number]

/** Puts what was fetched into the queue of its partition. */
function take(into: Partition, batches: readonly Batch[]): void {
  for (const batch of batches) {
    const isControl = (batch.attributes & CONTROL) !== 0
    for (const record of isControl ? [] : batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta)
      // A batch is sent whole, also if it begins before what was asked for.
      if (offset < into.position) continue
      into.queue.push({
        topic: into.topic,
        partition: into.partition,
        offset,
        value: record.value,
        timestamp: timestampOf(batch, record.timestampDelta),
      } satisfies KafkaRecord)
    }
    into.fetched(batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n)
  }
}

function timestampOf({ attributes, firstTimestamp, maxTimestamp }: Batch, delta: bigint): number {
  return Number((attributes & LOG_APPEND_TIME) !== 0 ? maxTimestamp : firstTimestamp + delta)
}
