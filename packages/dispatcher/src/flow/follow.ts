import {
  type Clock,
  explain,
  type Logger,
  type Phrase,
  silentLogger,
  systemClock,
} from '@port-dispatch/core'
import { backoff } from '@port-dispatch/core/http'
import type { Outcome } from '@port-dispatch/core/run'
import type { RunRef, RunState, Runs } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'

export interface FollowOptions {
  /** How long to follow, in milliseconds. */
  timeout: number
  clock?: Clock | undefined
  /** Is warned of requests that failed. */
  logger?: Logger | undefined
  /** Ends the following when aborted; the run goes on. */
  signal?: AbortSignal | undefined
  /** Whether to go on while the run waits for a person. Default `wait`. */
  onManual?: 'wait' | 'stop' | undefined
}

export type Followed =
  | { type: 'ended'; outcome: Outcome; state: RunState }
  /** The run did not end within the time limit. */
  | { type: 'timed-out'; state: RunState }
  /** The run waits for a person, and is not waited for. */
  | { type: 'manual'; state: RunState }
  /** The signal was aborted. */
  | { type: 'stopped'; state: RunState }
  /** The backend refuses to show the run. */
  | { type: 'lost'; state: RunState; error: BackendError }

/** Short at first, for runs that end quickly, with jitter, so that many followers do not read at the same moment. */
const PACE = { first: 1_000, last: 15_000, growth: 1.4, jitter: 0.2 }
/** A refusal can pass: a token is renewed, a replica catches up, an outage looks like a 404. */
const GIVE_UP_AFTER_MS = 300_000
/** What is under way when the time is up may take this much longer. */
const LAST_LOOK_MS = 10_000

/**
 * Follows a run to its end, and yields each state that differs from the one before. A backend that cannot be reached is
 * tried again until the time is up; one that refuses to show the run, for five minutes.
 *
 * @param first what is known of the run already
 */
export async function* following(
  runs: Runs,
  run: RunRef,
  first: RunState,
  options: FollowOptions,
): AsyncGenerator<RunState, Followed> {
  const { timeout, signal, onManual } = options
  const { clock = systemClock, logger = silentLogger } = options
  const deadline = clock.now() + timeout
  const limit = clock.timeout(timeout + LAST_LOOK_MS)
  const bounds = signal ? AbortSignal.any([signal, limit]) : limit
  let state = first
  let reads = 0
  let wasRead = false
  let refusedSince: number | undefined
  let pause = 0
  let warned = ''
  const warn = (message: string) => {
    if (message !== warned) logger.warning(`${message} Trying again.`)
    warned = message
  }
  for (;;) {
    if (state.outcome) return { type: 'ended', outcome: state.outcome, state }
    if (state.waitsForPerson && onManual === 'stop') return { type: 'manual', state }
    const left = deadline - clock.now()
    if (left <= 0) return { type: 'timed-out', state }
    try {
      await clock.sleep(Math.min(left, Math.max(pause, backoff(reads++, PACE))), signal)
      pause = 0
      const next = await runs.read(run, bounds)
      refusedSince = undefined
      warned = ''
      wasRead = true
      const changed = next.status !== state.status
      state = next
      if (changed) {
        reads = 0
        yield state
      }
    } catch (error) {
      if (signal?.aborted) return { type: 'stopped', state }
      if (limit.aborted) return { type: 'timed-out', state }
      if (!(error instanceof BackendError)) throw error
      pause = error.retryAfter ?? 0
      warn(explain(error, logger))
      refusedSince = isRefusal(error) ? (refusedSince ?? clock.now()) : undefined
      if (refusedSince !== undefined && clock.now() - refusedSince >= GIVE_UP_AFTER_MS) {
        const isExpired = error.status === 401 && wasRead
        return { type: 'lost', state, error: isExpired ? withAdvice(error, runs.expired) : error }
      }
    }
  }
}

/** As {@link following}, for those who need the end only. */
export async function follow(
  runs: Runs,
  run: RunRef,
  first: RunState,
  options: FollowOptions,
): Promise<Followed> {
  const steps = following(runs, run, first, options)
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}

function isRefusal({ status = 0, retryAfter }: BackendError): boolean {
  return retryAfter === undefined && status >= 400 && status < 500 && ![408, 429].includes(status)
}

function withAdvice(error: BackendError, advice: Phrase): BackendError {
  return new BackendError(error.summary, { status: error.status, cause: error, advice })
}
