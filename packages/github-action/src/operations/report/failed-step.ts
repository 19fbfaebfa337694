import type { WorkflowJob } from './list-jobs.ts'

/** A step that failed. */
export interface FailedStep {
  job: string
  step: string
  /** Page of the job, at the step. */
  url: string
}

/** The first step of a job that failed. Steps that may fail (`continue-on-error`) count as successful on GitHub. */
export function failedStepOf({ name, html_url: page, steps }: WorkflowJob): FailedStep | undefined {
  const step = steps?.find(
    ({ conclusion }) => conclusion === 'failure' || conclusion === 'timed_out',
  )
  return step && { job: name, step: step.name, url: `${page}#step:${step.number}:1` }
}
