import type { JobSpan, StepSpan } from './planned-jobs.ts'

/** An end of a run that its steps do not lead to: a cancellation, or an ending of the plan. */
export interface RunEnd {
  /** Milliseconds since 1970. */
  readonly at: number
  /** `null` if the run stays in a status. */
  readonly conclusion: string | null
  readonly status: string
}

/** The conclusions of jobs that the API description allows. Runs can have others. */
const JOB_CONCLUSIONS = [
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
]

/** The conclusions of jobs that never started and of the step that was interrupted, by the conclusion of the job. */
const FOR_UNSTARTED: Readonly<Record<string, string>> = {
  success: 'success',
  cancelled: 'cancelled',
}
const FOR_STEPS: Readonly<Record<string, string>> = {
  success: 'success',
  neutral: 'success',
  skipped: 'skipped',
  failure: 'failure',
}

/** Applies an ending to the jobs: running jobs are interrupted, and waiting jobs never start. */
export function cutJobs(jobs: readonly JobSpan[], end: RunEnd): JobSpan[] {
  const { at, conclusion } = end
  // The jobs of a run that waits make no progress: they have not started, or never finish.
  if (conclusion === null) return jobs.map((job) => frozen(job, at))
  if (conclusion === 'startup_failure' || conclusion === 'stale') return []
  const forJobs = JOB_CONCLUSIONS.includes(conclusion) ? conclusion : 'failure'
  return jobs.map((job) => {
    if (job.end < at) return job
    if (job.start >= at)
      return {
        ...job,
        start: at,
        end: at,
        conclusion: FOR_UNSTARTED[forJobs] ?? 'skipped',
        steps: [],
      }
    return {
      ...job,
      end: at,
      conclusion: forJobs,
      steps: job.steps.map((step) => cutStep(step, at, forJobs)),
    }
  })
}

function cutStep(step: StepSpan, at: number, conclusion: string): StepSpan {
  if (step.end < at) return step
  if (step.start >= at && step.name !== 'Complete job')
    return {
      ...step,
      start: at,
      end: at,
      conclusion: conclusion === 'success' ? 'success' : 'skipped',
      log: [],
    }
  if (step.name === 'Complete job') return { ...step, start: at, end: at }
  return { ...step, end: at, conclusion: FOR_STEPS[conclusion] ?? 'cancelled' }
}

function frozen(job: JobSpan, at: number): JobSpan {
  const never = Number.POSITIVE_INFINITY
  const stop = <Span extends { start: number; end: number }>(span: Span): Span => ({
    ...span,
    start: span.start >= at ? never : span.start,
    end: span.end >= at ? never : span.end,
  })
  return { ...stop(job), steps: job.steps.map(stop) }
}
