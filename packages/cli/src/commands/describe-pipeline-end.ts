import type { Logger } from '@port-dispatch/core'
import type { Outcome } from '@port-dispatch/core/run'
import { BackendError, describeEnd, gitlabFailedJobs } from '@port-dispatch/dispatcher'
import type { CiJob, Environment } from '@port-dispatch/dispatcher/host'

/**
 * Names the jobs that made the GitLab pipeline of this job fail.
 *
 * @returns undefined if nothing more is known of the end than its status
 */
export async function describePipelineEnd(
  end: Outcome,
  job: CiJob | undefined,
  env: Environment,
  logger: Logger,
): Promise<{ outcome: Outcome; message: string } | undefined> {
  if (end.status !== 'FAILURE' || job?.name !== 'GitLab CI') return undefined
  try {
    const jobs = await gitlabFailedJobs(env)
    if (!jobs) {
      logger.info('With GITLAB_TOKEN (scope "read_api") the failed jobs are named in Port too.')
    }
    if (!jobs?.length) return undefined
    const target = env.CI_PROJECT_PATH ?? 'The pipeline'
    return describeEnd(target, { status: 'failed', url: job.link }, end, jobs)
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    logger.warning(error.message)
    return undefined
  }
}
