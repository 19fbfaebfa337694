import { isJsonObject } from '@port-dispatch/core'
import { Http, TransportError } from '@port-dispatch/core/http'
import type { Environment } from '../../host/environment.ts'
import type { FailedJob } from '../backend.ts'
import { BackendError } from '../backend-error.ts'

/** It is a detail of a report that should not wait for it. */
const TIME_LIMIT_MS = 5_000

/**
 * The jobs that made the pipeline of this job fail, in the order in which they were made:
 * `GET /projects/:id/pipelines/:pipeline_id/jobs`. GitLab does not let a job's own token read them.
 *
 * @returns undefined if there is no token that may
 * @throws BackendError if GitLab refuses, or cannot be reached
 */
export async function gitlabFailedJobs(
  env: Environment,
  http = new Http(),
): Promise<FailedJob[] | undefined> {
  const { GITLAB_TOKEN: token, CI_API_V4_URL: api, CI_PROJECT_ID: project } = env
  if (!token || !api || !project) return undefined
  const path = `/projects/${project}/pipelines/${env.CI_PIPELINE_ID}/jobs?scope[]=failed&per_page=100`
  const request = { method: 'GET', url: api + path, headers: { 'private-token': token } }
  const { status, text } = await http
    .send(request, { repetition: 'repeatable', deadline: http.clock.now() + TIME_LIMIT_MS })
    .catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error
      throw new BackendError(`GitLab could not be asked which jobs failed: ${error.message}.`)
    })
  if (status !== 200) {
    throw new BackendError(
      `GitLab refused to say which jobs failed: ${status}. Check that GITLAB_TOKEN is valid, has the scope "read_api" and can see this project.`,
      { status },
    )
  }
  return parseJobs(text).filter(({ allowed }) => !allowed)
}

function parseJobs(text: string): (FailedJob & { allowed: boolean })[] {
  const jobs: unknown = JSON.parse(text)
  return (Array.isArray(jobs) ? jobs : [])
    .filter(isJsonObject)
    .toSorted((one, other) => Number(one.id) - Number(other.id))
    .map(({ name, web_url: url, allow_failure: allowed }) => ({
      name: String(name),
      ...(typeof url === 'string' && { url }),
      allowed: allowed === true,
    }))
}
