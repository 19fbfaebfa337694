import type { Logger } from '@port-dispatch/core'
import type { Outcome } from '@port-dispatch/core/run'
import type { Backend, CiRun, FailedJob, Plan } from './backends/backend.ts'
import { BackendError } from './backends/backend-error.ts'
import { describeEnd } from './describe-end.ts'
import type { WaitOptions } from './dispatch.ts'
import type { Followed } from './tracking/follow.ts'

interface ConcludeOptions {
  backend: Backend
  plan: Plan
  logger: Logger
  wait: WaitOptions
}

/** Says what became of a run that was waited for, and cancels it if the waiting was stopped and the user wants that. */
export async function conclude(
  { backend, plan, logger, wait }: ConcludeOptions,
  run: CiRun,
  followed: Followed,
): Promise<{ outcome: Outcome; message: string }> {
  const { state } = followed
  switch (followed.type) {
    case 'ended': {
      const { outcome } = followed
      const jobs = outcome.status === 'FAILURE' ? await failedJobs(backend, run, logger) : []
      return describeEnd(plan.target, state, outcome, jobs)
    }
    case 'timed-out':
      return {
        outcome: { status: 'FAILURE', statusLabel: 'Timed out' },
        message: `${plan.target} did not end within ${wait.timeout / 1000} s (it was ${state.status}). It was left running: ${state.url}`,
      }
    case 'stopped': {
      if (wait.onCancel === 'leave') {
        return {
          outcome: { status: 'FAILURE', statusLabel: 'No longer followed' },
          message: `Stopped following ${plan.target}. It was left running: ${state.url}`,
        }
      }
      const cancelled = await cancel(backend, run, logger)
      return {
        outcome: { status: 'FAILURE', statusLabel: 'Cancelled' },
        message: `Stopped following ${plan.target}. ${cancelled ? 'It was cancelled' : 'It could not be cancelled'}: ${state.url}`,
      }
    }
  }
}

async function cancel(backend: Backend, run: CiRun, logger: Logger): Promise<boolean> {
  try {
    await backend.cancel(run)
    return true
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    logger.warning(error.message)
    return false
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
