/** A job that failed, with the first of its steps that did, where the system has steps. */
export interface FailedJob {
  name: string
  step?: string
  /** Page of the job, at the step where that can be linked to. */
  url?: string
  /** Why it failed, in the system's own word: `runner_system_failure`. */
  reason?: string
}

/** What is known of a job of a GitHub workflow run or GitLab pipeline. */
export interface JobRecord {
  name: string
  /** GitHub's status, which says of a job without a conclusion whether it runs or waits. */
  status?: string | null | undefined
  /** GitHub's conclusion or GitLab's status. */
  conclusion?: string | null | undefined
  /** GitLab's `allow_failure`: the pipeline can be successful all the same. */
  mayFail?: boolean | undefined
  /** When it ended, as the API writes it. */
  finishedAt?: string | null | undefined
  url?: string | null | undefined
  reason?: string | null | undefined
  steps?: readonly StepRecord[] | undefined
}

export interface StepRecord {
  name: string
  status?: string | null | undefined
  /** GitHub says `success` of a step that failed under `continue-on-error`. */
  conclusion?: string | null | undefined
  finishedAt?: string | null | undefined
  url?: string | null | undefined
}

/** What counts as failed. A cancelled or skipped job suffers from what happened elsewhere. */
const FAILED = new Set(['failure', 'failed', 'timed_out'])

/** The jobs that made a run fail, the first in time first: what failed later may be a consequence. */
export function failedJobs(jobs: readonly JobRecord[]): FailedJob[] {
  return jobs
    .filter((job) => !job.mayFail && isFailed(job))
    .map((job) => ({ job, step: firstInTime(job.steps?.filter(isFailed) ?? []) }))
    .map(({ job, step }) => ({ job, step, at: timeOf(step?.finishedAt ?? job.finishedAt) }))
    .sort((one, other) => one.at - other.at)
    .map(({ job, step }) => describe(job, step))
}

/**
 * The first step that failed of a job that still runs, as the job itself sees it before it has a conclusion.
 *
 * @returns undefined if none has failed
 */
export function failedStepOf(job: JobRecord): FailedJob | undefined {
  const step = firstInTime(job.steps?.filter(isFailed) ?? [])
  return step && describe(job, step)
}

function describe(job: JobRecord, step: StepRecord | undefined): FailedJob {
  const url = step?.url ?? job.url
  return {
    name: job.name,
    ...(step && { step: step.name }),
    ...(url && { url }),
    ...(job.reason && { reason: job.reason }),
  }
}

function isFailed({ conclusion }: JobRecord | StepRecord): boolean {
  return typeof conclusion === 'string' && FAILED.has(conclusion)
}

function firstInTime(steps: readonly StepRecord[]): StepRecord | undefined {
  return steps.toSorted((one, other) => timeOf(one.finishedAt) - timeOf(other.finishedAt))[0]
}

/** What has no time comes last, in the order in which the system lists it. */
function timeOf(time: string | null | undefined): number {
  const at = Date.parse(time ?? '')
  return Number.isNaN(at) ? Number.MAX_VALUE : at
}
