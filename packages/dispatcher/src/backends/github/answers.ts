// What GitHub's answers mean.
import { githubExternalRunId, githubOutcome } from '@port-dispatch/core/run'
import type { CiRun, FailedJob, RunState, StartWindow } from '../backend.ts'

/** What is read of a workflow run. */
export interface WorkflowRun {
  id: number
  status: string | null
  conclusion: string | null
  html_url: string
  display_title: string
  created_at: string
  repository: { id: number; owner: { id: number } }
}

interface WorkflowJob {
  name: string
  conclusion: string | null
  html_url: string | null
  steps?: { name: string; conclusion: string | null }[] | undefined
}

/** GitHub's times are whole seconds. */
const ROUNDING_MS = 2_000

export function toCiRun({ id, html_url: url, repository }: WorkflowRun): CiRun {
  return { id, url, externalRunId: externalRunId(id, repository) }
}

export function toRunState(run: WorkflowRun): RunState {
  const { id, status, conclusion, html_url: url, repository } = run
  return {
    status: status ?? 'unknown',
    ...(conclusion && { conclusion }),
    ...(status === 'completed' && { outcome: githubOutcome(conclusion ?? 'unknown') }),
    ...(status === 'waiting' && { waitsForPerson: true }),
    url,
    externalRunId: externalRunId(id, repository),
  }
}

export function toFailedJobs(jobs: readonly WorkflowJob[]): FailedJob[] {
  return jobs.filter(isFailure).map(({ name, html_url: url, steps }) => {
    const step = steps?.find(isFailure)?.name
    return { name, ...(step && { step }), ...(url && { url }) }
  })
}

/**
 * What the answer to a dispatch says of the run.
 *
 * @returns undefined if it says nothing: a 204, as GitHub Enterprise Server may answer
 */
export function toStartedRun(data: unknown): CiRun | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const answer: { workflow_run_id?: unknown; html_url?: unknown } = data
  const { workflow_run_id: id, html_url: url } = answer
  return typeof id === 'number' && typeof url === 'string' ? { id, url } : undefined
}

/**
 * The runs that a dispatch may have made: created in its window and, where some carry the Port run id in their title
 * (`run-name`), only those. Oldest first, because dispatches are answered in the order in which they were sent.
 *
 * @param ahead by how many milliseconds the server's clock is ahead of ours
 */
export function runsWithin(
  runs: readonly WorkflowRun[],
  { since, until, runId }: StartWindow,
  ahead: number,
): WorkflowRun[] {
  const recent = runs
    .filter(({ created_at }) => {
      const created = Date.parse(created_at) - ahead
      return created >= since - ROUNDING_MS && created <= until + ROUNDING_MS
    })
    .sort((a, b) => a.id - b.id)
  const marked = recent.filter(({ display_title }) => runId && display_title.includes(runId))
  return marked.length > 0 ? marked : recent
}

function externalRunId(id: number, { id: repositoryId, owner }: WorkflowRun['repository']): string {
  return githubExternalRunId({ ownerId: owner.id, repositoryId, workflowRunId: id })
}

function isFailure({ conclusion }: { conclusion: string | null }): boolean {
  return conclusion !== null && githubOutcome(conclusion).status === 'FAILURE'
}
