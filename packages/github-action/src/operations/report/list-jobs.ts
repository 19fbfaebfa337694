import { Http } from '@port-dispatch/core/http'
import { textInput } from '../../inputs/inputs.ts'
import type { Environment } from '../../this-job.ts'

/** What is read of a job (`GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs`). GitHub sends more. */
export interface WorkflowJob {
  name: string
  status: string
  conclusion: string | null
  html_url: string | null
  runner_name: string | null
  steps?: { name: string; number: number; conclusion: string | null }[]
}

const TIME_LIMIT_MS = 5_000
const PAGE_SIZE = 100
const MAX_PAGES = 5

/**
 * The jobs of the latest attempt of a workflow run. Empty if GitHub does not show them, for example because the token
 * has no permission `actions: read`: then the report names no step.
 */
export async function listJobs(
  env: Environment,
  workflowRunId: number | string,
): Promise<WorkflowJob[]> {
  const token = textInput('githubToken')
  const { GITHUB_API_URL: api = 'https://api.github.com', GITHUB_REPOSITORY: repository } = env
  if (!token || !repository) return []
  const http = new Http({ requestTimeout: TIME_LIMIT_MS })
  const deadline = http.clock.now() + TIME_LIMIT_MS
  const jobs: WorkflowJob[] = []
  try {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const { status, text } = await http.send(
        {
          method: 'GET',
          url: `${api}/repos/${repository}/actions/runs/${workflowRunId}/jobs?per_page=${PAGE_SIZE}&page=${page}`,
          headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
        },
        { repetition: 'repeatable', deadline },
      )
      if (status !== 200) break
      const answer: { jobs: WorkflowJob[] } = JSON.parse(text)
      jobs.push(...answer.jobs)
      if (answer.jobs.length < PAGE_SIZE) break
    }
  } catch {
    // GitHub could not be asked, or it was not GitHub that answered.
  }
  return jobs
}
