import {
  type Clock,
  type Logger,
  phrase,
  setting,
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
  let state = first
  let reads = 0
  let wasRead = false
  let refusedSince: number | undefined
  let pause = 0
  for (;;) {
    if (state.outcome) return { type: 'ended', outcome: state.outcome, state }
    if (state.waitsForPerson && onManual === 'stop') return { type: 'manual', state }
    const left = deadline - clock.now()
    if (left <= 0) return { type: 'timed-out', state }
    try {
      await clock.sleep(Math.min(left, Math.max(pause, backoff(reads++, PACE))), signal)
      pause = 0
      const next = await runs.read(run, signal)
      refusedSince = undefined
      wasRead = true
      const changed = next.status !== state.status
      state = next
      if (changed) {
        reads = 0
        yield state
      }
    } catch (error) {
      if (signal?.aborted) return { type: 'stopped', state }
      if (!(error instanceof BackendError)) throw error
      pause = error.retryAfter ?? 0
      if (isRefusal(error)) {
        if (refusedSince === undefined) logger.warning(`${error.message} Trying again.`)
        refusedSince ??= clock.now()
        if (clock.now() - refusedSince >= GIVE_UP_AFTER_MS) {
          return { type: 'lost', state, error: wasRead ? explainExpiry(error) : error }
        }
      } else {
        refusedSince = undefined
        logger.warning(`${error.message} Trying again.`)
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

function explainExpiry(error: BackendError): BackendError {
  if (error.status !== 401) return error
  return new BackendError(error.summary, {
    status: error.status,
    cause: error,
    advice: phrase`The token was accepted before, so it has expired. For long waits use a GitHub App (${setting('github.appId')}, ${setting('github.privateKey')}), whose tokens are renewed.`,
  })
}
