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
  /** Called with each state that differs from the one before. */
  onChange?: (state: RunState) => void
}

export type Followed =
  | { type: 'ended'; outcome: Outcome; state: RunState }
  /** The run did not end within the time limit. */
  | { type: 'timed-out'; state: RunState }
  /** The signal was aborted. */
  | { type: 'stopped'; state: RunState }

/** Refusals that another try will not change. */
const DEFINITE = new Set([401, 403, 404])

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
  const { clock, timeout, signal, onChange } = options
  const deadline = clock.now() + timeout
  let state = first
  let reads = 0
  for (;;) {
    if (state.outcome) return { type: 'ended', outcome: state.outcome, state }
    const left = deadline - clock.now()
    if (left <= 0) return { type: 'timed-out', state }
    try {
      await clock.sleep(Math.min(left, pollInterval(reads++)), signal)
      const next = await unlessAborted(readPatiently(backend, run, state, options), signal)
      if (next.status !== state.status) {
        reads = 0
        onChange?.(next)
      }
      state = next
    } catch (error) {
      if (signal?.aborted) return { type: 'stopped', state }
      throw error
    }
  }
}

async function readPatiently(
  backend: Backend,
  run: CiRun,
  last: RunState,
  { logger }: FollowOptions,
): Promise<RunState> {
  try {
    return await backend.read(run)
  } catch (error) {
    if (!(error instanceof BackendError) || DEFINITE.has(error.status ?? 0)) throw error
    logger.warning(`${error.message} Trying again.`)
    return last
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
