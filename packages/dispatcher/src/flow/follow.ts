import type { Clock, Logger } from '@port-dispatch/core'
import type { Outcome } from '@port-dispatch/core/run'
import type { Backend, CiRun, RunState } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { pollInterval } from './poll-interval.ts'

export interface FollowOptions {
  clock: Clock
  logger: Logger
  /** Milliseconds. */
  timeout: number
  /** Ends the following when aborted; the run goes on. */
  signal?: AbortSignal | undefined
  /** Whether to go on while the run waits for a person. Default `wait`. */
  onManual?: 'wait' | 'stop' | undefined
  /** Called with each state that differs from the one before. */
  onChange?: (state: RunState) => void
}

export type Followed =
  | { type: 'ended'; outcome: Outcome; state: RunState }
  /** The run did not end within the time limit. */
  | { type: 'timed-out'; state: RunState }
  /** The run waits for a person, and is not waited for. */
  | { type: 'manual'; state: RunState }
  /** The signal was aborted. */
  | { type: 'stopped'; state: RunState }

/** Refusals that another try is not likely to change. */
const REFUSALS = new Set([401, 403, 404])
/** A new run can be unknown to a replica, and a token be refused by one, for a moment. */
const REFUSALS_TO_GIVE_UP = 3

/**
 * Follows a run to its end. A backend that cannot be reached for a while is asked again until the time is up.
 *
 * @param first what is known of the run already
 * @throws BackendError if the backend refuses to show the run
 */
export async function follow(
  backend: Backend,
  run: CiRun,
  first: RunState,
  options: FollowOptions,
): Promise<Followed> {
  const { clock, logger, timeout, signal, onManual, onChange } = options
  const deadline = clock.now() + timeout
  let state = first
  let reads = 0
  let refusals = 0
  let pause = 0
  for (;;) {
    if (state.outcome) return { type: 'ended', outcome: state.outcome, state }
    if (state.waitsForPerson && onManual === 'stop') return { type: 'manual', state }
    const left = deadline - clock.now()
    if (left <= 0) return { type: 'timed-out', state }
    try {
      await clock.sleep(Math.min(left, Math.max(pause, pollInterval(reads++))), signal)
      pause = 0
      const next = await unlessAborted(backend.read(run), signal)
      refusals = 0
      if (next.status !== state.status) {
        reads = 0
        onChange?.(next)
      }
      state = next
    } catch (error) {
      if (signal?.aborted) return { type: 'stopped', state }
      if (!(error instanceof BackendError)) throw error
      pause = error.retryAfter ?? 0
      const isRefusal = error.retryAfter === undefined && REFUSALS.has(error.status ?? 0)
      if (isRefusal && ++refusals === REFUSALS_TO_GIVE_UP) throw error
      logger.warning(`${error.message} Trying again.`)
    }
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    work.catch(() => {})
  }
}
