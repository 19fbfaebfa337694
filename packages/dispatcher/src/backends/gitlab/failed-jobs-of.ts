// Apart from failed-jobs.ts, so that the published types name no client library.
import type { Http } from '@port-dispatch/core/http'
import type { FailedJob } from '@port-dispatch/core/run'
import { listFailedJobs } from './failed-jobs.ts'
import { gitlabError } from './refusal.ts'
import { gitlabRequester } from './requester.ts'

export interface FailedJobsOptions {
  /** Address of the API: `https://gitlab.com/api/v4`. */
  api: string
  token: string
  project: string
  pipelineId: string
  /** Milliseconds. */
  timeLimit: number
  signal?: AbortSignal | undefined
}

/**
 * The jobs that made a pipeline fail, the first in time first, for a job that reports on its own pipeline. GitLab does not let a job's own token read it.
 *
 * @throws BackendError if GitLab refuses, or cannot be reached; the signal's reason if it was aborted
 */
export async function failedJobsOf(http: Http, options: FailedJobsOptions): Promise<FailedJob[]> {
  const { api, token, project, pipelineId, timeLimit, signal } = options
  const headers = async () => ({ 'private-token': token })
  try {
    return await listFailedJobs(
      gitlabRequester(http, { api, timeLimit, headers, signal }),
      project,
      pipelineId,
    )
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    const what = 'list the failed jobs of this pipeline'
    throw gitlabError({ what, project, authorization: 'access-token', starts: false }, error)
  }
}
