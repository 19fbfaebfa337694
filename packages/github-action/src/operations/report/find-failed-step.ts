import type { Environment } from '../../this-job.ts'
import { type FailedStep, failedStepOf } from './failed-step.ts'
import { listJobs } from './list-jobs.ts'

/** The step that made this job fail, if GitHub tells. */
export async function findFailedStep(env: Environment): Promise<FailedStep | undefined> {
  const jobs = await listJobs(env, env.GITHUB_RUN_ID ?? '')
  // The runner knows the job by its id in the workflow's file, the API by its name: what both know is the runner. One
  // that ran earlier jobs of this workflow too is at work on this one.
  const here = jobs.filter(({ runner_name: runner }) => runner === env.RUNNER_NAME)
  const job = here.find(({ status }) => status === 'in_progress') ?? here.findLast(failedStepOf)
  return job && failedStepOf(job)
}
