import { type Clock, explain, type Logger } from '@port-dispatch/core'
import { describeEnd, type FailedJob, type Outcome, statusLabel } from '@port-dispatch/core/run'
import type { Plan, RunRef, RunState, Runs } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import type { Followed } from './follow.ts'

/** What is said of what was started, once it is no longer followed. */
export interface End {
  message: string
  /** How it ended for whoever waited. Missing if it goes on and nothing is wrong with that. */
  outcome?: Outcome
  /** A Port run that stays open gets this label; without it the Port run ends with the outcome. */
  openLabel?: string
}

export interface ConcludeOptions {
  plan: Plan
  runs: Runs
  clock: Clock
  logger: Logger
  /** Milliseconds that were waited. */
  timeout: number
  /** What to do with the run if waiting is interrupted, or takes too long. */
  onCancel: 'cancel' | 'leave'
  /** Whether the Port run ends with what was started. If not, something else will end it, also after a cancellation. */
  endsPortRun: boolean
}

/** Cancelling, and naming the failed jobs, must not hold up the report for long. */
const DETAILS_WITHIN_MS = 10_000
const CANCEL_WITHIN_MS = 3_000

/** Says what became of a run, and cancels it where the waiting was cut short and the user wants that. */
export async function conclude(
  options: ConcludeOptions,
  run: RunRef,
  followed: Followed,
): Promise<End> {
  const { plan, timeout, endsPortRun } = options
  const { state } = followed
  switch (followed.type) {
    case 'ended':
      return await describe(options, run, state, followed.outcome)
    case 'manual': {
      const label = statusLabel(state.status)
      return { openLabel: label, message: `${plan.target} waits for a person: ${state.url}` }
    }
    case 'timed-out': {
      const what = await cancelOrLeave(options, run)
      const outcome = { status: 'FAILURE', statusLabel: 'Timed out' } as const
      const message = `${plan.target} did not end within ${timeout / 1000} s (it was ${state.status}). It was ${what}: ${state.url}`
      if (endsPortRun) return { outcome, message }
      return { outcome, openLabel: what === 'cancelled' ? outcome.statusLabel : UNTRACKED, message }
    }
    case 'stopped': {
      const what = await cancelOrLeave(options, run)
      const message = `Stopped following ${plan.target}. It was ${what}: ${state.url}`
      if (what === 'left running') {
        const outcome = { status: 'FAILURE', statusLabel: 'No longer tracked' } as const
        return { outcome, openLabel: UNTRACKED, message }
      }
      const outcome = { status: 'FAILURE', statusLabel: 'Cancelled', cancelled: true } as const
      return { outcome, message, ...(!endsPortRun && { openLabel: outcome.statusLabel }) }
    }
    case 'lost': {
      const outcome = { status: 'FAILURE', statusLabel: 'Status unavailable' } as const
      const message = `${explain(followed.error, options.logger)} ${state.url}`
      return endsPortRun
        ? { outcome, message }
        : { outcome, openLabel: outcome.statusLabel, message }
    }
  }
}

const UNTRACKED = 'Still running (no longer tracked)'

async function describe(
  options: ConcludeOptions,
  run: RunRef,
  state: RunState,
  outcome: Outcome,
): Promise<End> {
  const isFailure = outcome.status === 'FAILURE' && !outcome.cancelled
  const { reason, conclusion = state.status, url } = state
  const jobs = isFailure ? await failedJobs(options, run) : []
  const end = describeEnd({ target: options.plan.target, conclusion, outcome, jobs, url })
  return { ...end, message: reason ? `${end.message}\n${reason}` : end.message }
}

async function cancelOrLeave(
  { runs, clock, logger, onCancel }: ConcludeOptions,
  run: RunRef,
): Promise<'cancelled' | 'left running'> {
  if (onCancel === 'leave') return 'left running'
  try {
    await runs.cancel(run, clock.timeout(CANCEL_WITHIN_MS))
    return 'cancelled'
  } catch (error) {
    logger.warning(
      error instanceof BackendError ? explain(error, logger) : 'Cancelling took too long.',
    )
    return 'left running'
  }
}

async function failedJobs(
  { runs, clock, logger }: ConcludeOptions,
  run: RunRef,
): Promise<FailedJob[]> {
  try {
    return await runs.failedJobs(run, clock.timeout(DETAILS_WITHIN_MS))
  } catch (error) {
    logger.warning(
      error instanceof BackendError
        ? explain(error, logger)
        : 'Listing the failed jobs took too long.',
    )
    return []
  }
}
