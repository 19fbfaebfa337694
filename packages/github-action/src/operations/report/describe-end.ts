import type { FinalReport } from '@port-dispatch/core/port'
import { githubOutcome, shortLabel } from '@port-dispatch/core/run'
import { textInput } from '../../inputs/inputs.ts'
import type { JobStatus } from '../../inputs/job-status.ts'
import type { Needs } from '../../inputs/needs.ts'
import type { ThisJob } from '../../this-job.ts'
import type { FailedStep } from './failed-step.ts'

export interface End {
  job: ThisJob
  /** How this job ended. */
  jobStatus: JobStatus
  /** How the jobs before it ended, if it reports for all of them. */
  needs?: Needs | undefined
  /** The step that made this job fail, if it is known. */
  failedStep?: FailedStep | undefined
}

/** Says how a job, or the workflow that it ends, ended. */
export function describeEnd(end: End): Pick<FinalReport, 'status' | 'statusLabel' | 'message'> {
  const results = [end.jobStatus, ...(end.needs?.values() ?? [])]
  const result = worst(results)
  const { status, statusLabel } = githubOutcome(result)
  const label = result === 'failure' ? failureLabel(end) : statusLabel
  return { status, statusLabel: label, message: textInput('logMessage') ?? messageOf(end, result) }
}

/** A failure counts more than a cancellation, which counts more than a success. */
function worst(results: readonly string[]): string {
  const bad = results.filter((result) => githubOutcome(result).status === 'FAILURE')
  if (bad.length === 0) return 'success'
  return bad.every((result) => result === 'cancelled') ? 'cancelled' : 'failure'
}

function failureLabel({ needs, failedStep }: End): string {
  const failed = failedJobs(needs)
  if (failed.length > 0) return shortLabel(`Failed: ${failed.join(', ')}`)
  return failedStep ? shortLabel(`Failed at "${failedStep.step}"`) : 'Failed'
}

function failedJobs(needs: Needs | undefined): string[] {
  return [...(needs ?? [])]
    .filter(([, result]) => result !== 'cancelled' && githubOutcome(result).status === 'FAILURE')
    .map(([name]) => name)
}

function messageOf({ job, needs, failedStep }: End, result: string): string {
  const attempt = job.attempt > 1 ? ` (attempt ${job.attempt})` : ''
  const jobs = [...(needs ?? [])].map(([name, ended]) => `  ${name}: ${ended}`)
  return [
    `${job.workflow}${attempt} ended: ${result}. ${job.link}`,
    ...jobs,
    ...(failedStep
      ? [`Failed: step "${failedStep.step}" of ${failedStep.job}: ${failedStep.url}`]
      : []),
  ].join('\n')
}
