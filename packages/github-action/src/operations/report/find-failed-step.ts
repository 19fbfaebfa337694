import { type FailedJob, failedStepOf } from '@port-dispatch/core/run'
import type { Environment } from '../../this-job.ts'
import { listJobs } from './list-jobs.ts'

/** The step that made this job fail, if GitHub shows it. */
export async function findFailedStep(env: Environment): Promise<FailedJob | undefined> {
  const jobs = await listJobs(env, env.GITHUB_RUN_ID ?? '')
  // The runner knows the job by its id in the workflow's file, the API by its name: what both know is the runner. One
  // that ran earlier jobs of this workflow too is at work on this one.
  const here = jobs.filter(({ runnerName }) => runnerName === env.RUNNER_NAME)
  const job = here.find(({ status }) => status === 'in_progress') ?? here.findLast(failedStepOf)
  return job && failedStepOf(job)
}
