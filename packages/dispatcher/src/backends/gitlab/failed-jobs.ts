import { type FailedJob, failedJobs, type JobRecord } from '@port-dispatch/core/run'
import { isLastPage, readPages } from '../pages.ts'
import { parseJobs } from './answers.ts'
import { unreadable } from './refusal.ts'
import type { GitlabRequester } from './requester.ts'

const PAGE_SIZE = 100
const MAX_PAGES = 50

/**
 * The jobs that made a pipeline fail, the first in time first. GitLab lists trigger jobs apart; a server that does not
 * show them still shows the jobs.
 *
 * @param project id or path
 */
export async function listFailedJobs(
  requester: GitlabRequester,
  project: string,
  pipelineId: string,
): Promise<FailedJob[]> {
  const path = `projects/${encodeURIComponent(project)}/pipelines/${encodeURIComponent(pipelineId)}`
  const [jobs, bridges] = await Promise.allSettled([
    allPages(requester, `${path}/jobs`),
    allPages(requester, `${path}/bridges`),
  ])
  if (jobs.status === 'rejected') throw jobs.reason
  return failedJobs([...jobs.value, ...(bridges.status === 'fulfilled' ? bridges.value : [])])
}

async function allPages(requester: GitlabRequester, path: string): Promise<JobRecord[]> {
  const { items } = await readPages({
    read: async (page) => {
      const searchParams = { scope: ['failed'], per_page: PAGE_SIZE, page }
      const { body, headers } = await requester.get(path, { searchParams })
      const jobs = parseJobs(body)
      if (!jobs) throw unreadable('list the failed jobs', false)
      return { items: jobs, length: jobs.length, isLast: isLastPage(headers) }
    },
    maxPages: MAX_PAGES,
    keyOf: JSON.stringify,
  })
  // Newest first: of jobs that ended at one moment the one that was made first comes first.
  return items.toReversed()
}
