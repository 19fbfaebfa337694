import { Ledger } from './ledger.ts'

/** A message of a partition. */
export interface KafkaRecord {
  topic: string
  partition: number
  offset: bigint
  value: Uint8Array | null
  /** Milliseconds since the epoch. */
  timestamp: number
}

export interface PartitionName {
  topic: string
  partition: number
}

export interface PartitionStart extends PartitionName {
  /** The first offset that nobody has committed. */
  offset: bigint
  /**
   * The end of the partition when it became ours. Messages below may have been begun by who owned it before; those
   * from here on were produced later.
   */
  end: bigint
  /** Whether the group has committed the offset: what it starts at would be forgotten otherwise. */
  isCommitted: boolean
}

/** A partition while it is ours. When it is lost and comes back, it is another one. */
export class Partition {
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly end: bigint
  readonly ledger: Ledger
  /** What was fetched and not begun. */
  readonly queue: KafkaRecord[] = []
  /** The next offset to fetch. */
  position: bigint
  /** The offset that the group has committed. */
  committed: bigint | undefined
  /** The offset after the last message in the partition, as far as is known. */
  highWatermark: bigint
  readonly #runs = new Set<Promise<void>>()
  readonly #lost = new AbortController()

  constructor({ topic, partition, offset, end, isCommitted }: PartitionStart) {
    this.topic = topic
    this.partition = partition
    this.key = keyOf({ topic, partition })
    this.end = end
    this.position = offset
    this.ledger = new Ledger(offset)
    this.committed = isCommitted ? offset : undefined
    this.highWatermark = end
  }

  /** Lets go of its runs: aborted when the partition is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Messages that are not done yet or wait for one before them. */
  get uncommitted(): number {
    return this.ledger.size
  }

  /** Messages that are not committed, here and in the broker. */
  get lag(): number {
    return Number(this.highWatermark - this.ledger.committable)
  }

  /** The offset to commit; undefined if it is committed already. */
  get toCommit(): bigint | undefined {
    const { committable } = this.ledger
    return this.committed === undefined || committable > this.committed ? committable : undefined
  }

  /** Takes the next message to be begun. */
  begin(): KafkaRecord | undefined {
    const record = this.queue.shift()
    const isNew = record !== undefined && this.ledger.begin(record.offset)
    this.#passOver()
    return isNew ? record : undefined
  }

  /** @param next the offset after what was fetched, of which the queue has all messages */
  fetched(next: bigint): void {
    if (next > this.position) this.position = next
    this.#passOver()
  }

  /** Records that are no messages have offsets, too. */
  #passOver(): void {
    if (this.queue.length === 0) this.ledger.pass(this.position)
  }

  follow(run: Promise<void>): void {
    this.#runs.add(run)
    const forget = () => void this.#runs.delete(run)
    run.then(forget, forget)
  }

  lose(): void {
    this.queue.length = 0
    this.#lost.abort(new Error(`Partition ${this.key} belongs to another member of the group.`))
  }

  /** Resolves when everything that was begun is settled. */
  async settled(): Promise<void> {
    while (this.#runs.size > 0) await Promise.allSettled(this.#runs)
  }
}

export function keyOf({ topic, partition }: PartitionName): string {
  return `${topic}-${partition}`
}
