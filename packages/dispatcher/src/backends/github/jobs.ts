import type { JobRecord } from '@port-dispatch/core/run'
import type { CurrentJob } from '../backend.ts'
import { isLastPage, type Page, readPages } from '../pages.ts'
import { parseJobs } from './answers.ts'
import type { GithubClient } from './client.ts'
import type { GithubTarget } from './refusal.ts'

const PAGE_SIZE = 100
const MAX_PAGES = 10

/** Which jobs: those of the latest attempt of a run. */
interface JobsOf {
  id: string
  page: number
  signal: AbortSignal | undefined
}

/** One page of the jobs of a run, with their steps. @throws BackendError */
export async function listJobs(
  client: GithubClient,
  target: GithubTarget,
  { id, page, signal }: JobsOf,
): Promise<Page<JobRecord>> {
  const { owner, repo } = target
  return await client.call({
    what: `list the jobs of run ${id}`,
    target,
    signal,
    send: (octokit, request) =>
      octokit.request('GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs', {
        owner,
        repo,
        run_id: Number(id),
        filter: 'latest',
        per_page: PAGE_SIZE,
        page,
        request,
      }),
    parse: (data, { headers }) => {
      const page = parseJobs(data)
      return page && { isLast: isLastPage(headers), ...page }
    },
  })
}

/** The jobs of all pages. @throws BackendError */
export async function listAllJobs(
  client: GithubClient,
  target: GithubTarget,
  run: Omit<JobsOf, 'page'>,
): Promise<JobRecord[]> {
  const { items } = await readPages({
    read: (page) => listJobs(client, target, { ...run, page }),
    maxPages: MAX_PAGES,
    keyOf: JSON.stringify,
  })
  return items
}

/** The first job that runs, and its step. */
export function currentJobOf(jobs: readonly JobRecord[]): CurrentJob | undefined {
  const job = jobs.find(({ status }) => status === 'in_progress')
  const step = job?.steps?.find(({ status }) => status === 'in_progress')
  return job && { job: job.name, ...(step && { step: step.name }) }
}
