import type { Clock } from '@port-dispatch/core'
import { within } from '@port-dispatch/dispatcher/kafka'
import type { Membership } from './membership.ts'
import type { Partition, PartitionName } from './partition.ts'

export interface CommitObserver {
  committed(): void
  commitFailed(): void
  /** @param error undefined: the part works */
  result(part: string, error: unknown): void
}

export interface CommitsOptions {
  membership: Pick<Membership, 'commit' | 'isJoining' | 'isActive'> & {
    lease: Pick<Membership['lease'], 'isAlive'>
  }
  held: () => Iterable<Partition>
  clock: Clock
  observer: CommitObserver
  /** Called when a commit gets no response at all: nothing would be committed any more. */
  onStuck(error: unknown): void
  /** Ends everything. */
  signal: AbortSignal
}

const COMMIT_EVERY_MS = 1_000
const COMMIT_AFTER_MESSAGES = 100
const COMMIT_WITHIN_MS = 5_000
/** Longer than the client needs for all its attempts. */
const STUCK_AFTER_MS = 180_000

/** Made once: without a reason, each abort makes an error with a stack. */
const ANSWERED = new Error('The commit has a response.')

/** Commits what is done: once a second, or after a hundred messages, one request at a time. */
export class Commits {
  readonly #options: CommitsOptions
  #settled = 0
  #committing: Promise<void> | undefined

  constructor(options: CommitsOptions) {
    this.#options = options
  }

  /** A message is done. */
  settled(): void {
    this.#settled++
    if (this.#settled >= COMMIT_AFTER_MESSAGES) void this.commit()
  }

  /** Commits again and again, until the signal is aborted. */
  async run(): Promise<void> {
    const { signal, clock } = this.#options
    while (!signal.aborted) {
      await clock.sleep(COMMIT_EVERY_MS, signal).catch(() => {})
      await this.commit()
    }
  }

  /** Commits everything that is done, for as long as a stop may take. */
  async flush(): Promise<void> {
    const { clock, signal, membership, held } = this.#options
    const deadline = clock.now() + COMMIT_WITHIN_MS
    while (toCommit([...held()]).length > 0 && clock.now() < deadline) {
      const limit = { clock, limit: Math.max(1, deadline - clock.now()), signal }
      await within(this.commit(), limit).catch(() => {})
      if (membership.isJoining) await clock.sleep(50, signal).catch(() => {})
    }
  }

  /** Commits what is done. While the group changes, a commit would make the client join once more. */
  async commit(): Promise<void> {
    if (this.#committing) {
      await this.#committing
      return
    }
    const { membership, held } = this.#options
    const offsets = toCommit([...held()])
    const { isJoining, isActive, lease } = membership
    if (offsets.length === 0 || isJoining || !isActive || !lease.isAlive) return
    this.#settled = 0
    this.#committing = this.#send(offsets).finally(() => {
      this.#committing = undefined
    })
    await this.#committing
  }

  async #send(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { observer, membership, signal, clock, onStuck } = this.#options
    const isOver = new AbortController()
    clock
      .sleep(STUCK_AFTER_MS, isOver.signal)
      .then(() => onStuck(new Error('A commit got no response')))
      .catch(() => {})
    try {
      // It is not sent again before it has a response: one that is sent later must not arrive before it.
      await membership.commit(offsets)
      for (const { held, offset } of offsets) held.committed = offset
      observer.committed()
      observer.result('commit', undefined)
    } catch (error) {
      if (signal.aborted) return
      // It may have arrived, or not: it is sent again.
      for (const { held } of offsets) held.committed = undefined
      observer.commitFailed()
      observer.result('commit', error)
    } finally {
      isOver.abort(ANSWERED)
    }
  }
}

export interface OffsetToCommit extends PartitionName {
  held: Partition
  offset: bigint
}

/** What is done of these partitions and not committed. */
export function toCommit(partitions: readonly Partition[]): OffsetToCommit[] {
  return partitions.flatMap((held) => {
    const { topic, partition, toCommit: offset } = held
    return offset === undefined ? [] : [{ held, topic, partition, offset }]
  })
}
