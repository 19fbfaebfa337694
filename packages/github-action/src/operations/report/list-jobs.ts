import { isJsonObject } from '@port-dispatch/core'
import { parseBody } from '@port-dispatch/core/http'
import type { JobRecord } from '@port-dispatch/core/run'
import { createHttp } from '@port-dispatch/dispatcher/host'
import { textInput } from '../../inputs/inputs.ts'
import type { Environment } from '../../this-job.ts'

/** What is read of a job (`GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs`). GitHub sends more. */
export interface WorkflowJob extends JobRecord {
  status: string
  runnerName: string
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
  const http = createHttp(env, { requestTimeout: TIME_LIMIT_MS })
  const deadline = http.clock.now() + TIME_LIMIT_MS
  const jobs: WorkflowJob[] = []
  try {
    for (let number = 1; number <= MAX_PAGES; number++) {
      const { status, text } = await http.send(
        {
          method: 'GET',
          url: `${api}/repos/${repository}/actions/runs/${workflowRunId}/jobs?per_page=${PAGE_SIZE}&page=${number}`,
          headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' },
        },
        { repetition: 'repeatable', deadline },
      )
      if (status !== 200) break
      const page = parseJobs(text)
      jobs.push(...page)
      if (page.length < PAGE_SIZE) break
    }
  } catch {
    // GitHub could not be reached, or it was not GitHub that responded.
  }
  return jobs
}

function parseJobs(text: string): WorkflowJob[] {
  const response = parseBody(text)
  const jobs = isJsonObject(response) && Array.isArray(response.jobs) ? response.jobs : []
  return jobs.filter(isJsonObject).map((job) => ({
    name: textOf(job.name),
    status: textOf(job.status),
    conclusion: textOf(job.conclusion),
    finishedAt: textOf(job.completed_at),
    url: textOf(job.html_url),
    runnerName: textOf(job.runner_name),
    steps: (Array.isArray(job.steps) ? job.steps : []).filter(isJsonObject).map((step) => ({
      name: textOf(step.name),
      conclusion: textOf(step.conclusion),
      finishedAt: textOf(step.completed_at),
      url: `${textOf(job.html_url)}#step:${Number(step.number)}:1`,
    })),
  }))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
