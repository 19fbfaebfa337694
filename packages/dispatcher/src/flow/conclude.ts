import type { Logger } from '@port-dispatch/core'
import { type Outcome, statusLabel } from '@port-dispatch/core/run'
import type { Backend, CiRun, FailedJob, Plan } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { describeEnd } from './describe-end.ts'
import type { WaitOptions } from './dispatch.ts'
import type { Followed } from './follow.ts'

interface ConcludeOptions {
  backend: Backend
  plan: Plan
  logger: Logger
  wait: WaitOptions
}

/** What is said of a run that is no longer followed. */
export interface Conclusion {
  /** Missing if the run goes on and nothing is wrong with that. */
  outcome?: Outcome
  /** What Port is told of a run that goes on. Missing if the Port run ends with the outcome. */
  openLabel?: string
  message: string
}

/** Says what became of a run that was waited for, and cancels it where the waiting was cut short and the user wants that. */
export async function conclude(
  options: ConcludeOptions,
  run: CiRun,
  followed: Followed,
): Promise<Conclusion> {
  const { backend, plan, logger, wait } = options
  const { state } = followed
  switch (followed.type) {
    case 'ended': {
      const { outcome } = followed
      const jobs = outcome.status === 'FAILURE' ? await failedJobs(backend, run, logger) : []
      return describeEnd(plan.target, state, outcome, jobs)
    }
    case 'manual': {
      const label = statusLabel(state.status)
      return { openLabel: label, message: `${plan.target} waits for a person: ${state.url}` }
    }
    case 'timed-out': {
      const end = await endOf(options, run)
      return {
        outcome: { status: 'FAILURE', statusLabel: 'Timed out' },
        message: `${plan.target} did not end within ${wait.timeout / 1000} s (it was ${state.status}). It was ${end}: ${state.url}`,
      }
    }
    case 'stopped': {
      const end = await endOf(options, run)
      const message = `Stopped following ${plan.target}. It was ${end}: ${state.url}`
      if (end === 'cancelled') {
        return { outcome: { status: 'FAILURE', statusLabel: 'Cancelled' }, message }
      }
      const outcome = { status: 'FAILURE', statusLabel: 'No longer followed' } as const
      return { outcome, openLabel: 'Running, no longer followed', message }
    }
  }
}

async function endOf(
  { backend, logger, wait }: ConcludeOptions,
  run: CiRun,
): Promise<'cancelled' | 'left running'> {
  if (wait.onCancel === 'leave') return 'left running'
  try {
    await backend.cancel(run)
    return 'cancelled'
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    logger.warning(error.message)
    return 'left running'
  }
}

async function failedJobs(backend: Backend, run: CiRun, logger: Logger): Promise<FailedJob[]> {
  try {
    return await backend.failedJobs(run)
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    logger.warning(error.message)
    return []
  }
}
