import type { FinalReport } from '@port-dispatch/core/port'
import { describeEnd, type FailedJob, githubOutcome, worstOf } from '@port-dispatch/core/run'
import { textInput } from '../../inputs/inputs.ts'
import type { JobStatus } from '../../inputs/job-status.ts'
import type { Needs } from '../../inputs/needs.ts'
import type { ThisJob } from '../../this-job.ts'

export interface End {
  job: ThisJob
  /** How this job ended. */
  jobStatus: JobStatus
  /** How the jobs before it ended, if it reports for all of them. */
  needs?: Needs | undefined
  /** The step that made this job fail, if it is known. */
  failedStep?: FailedJob | undefined
}

/** Says how a job, or the workflow that it ends, ended. */
export function describeJobEnd({
  job,
  jobStatus,
  needs,
  failedStep,
}: End): Pick<FinalReport, 'status' | 'statusLabel' | 'message'> {
  const conclusion = worstOf([jobStatus, ...(needs?.values() ?? [])])
  const { outcome, message } = describeEnd({
    target: job.workflow,
    conclusion,
    outcome: githubOutcome(conclusion),
    jobs: failedStep ? [failedStep] : [],
    results: needs,
    url: job.link,
    attempt: job.attempt,
  })
  return { ...outcome, message: messageFor(conclusion) ?? textInput('logMessage') ?? message }
}

/** What the inputs say of a job that ended so. That it failed is not said of one that was cancelled. */
export function messageFor(conclusion: string): string | undefined {
  if (conclusion === 'cancelled') return undefined
  const { status } = githubOutcome(conclusion)
  return textInput(status === 'SUCCESS' ? 'successMessage' : 'failureMessage')
}
