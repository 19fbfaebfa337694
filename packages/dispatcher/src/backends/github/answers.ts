// The shapes of GitHub's responses. What does not have them is a lost answer.
import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import {
  githubExternalRunId,
  githubOutcome,
  isNumericId,
  type JobRecord,
} from '@port-dispatch/core/run'
import type { RunRef, RunState } from '../backend.ts'
import type { Page } from '../pages.ts'

/** What is read of a workflow run. */
export interface WorkflowRun {
  id: number
  status: string
  conclusion: string | null
  url: string
  /** The title, which holds the Port run id where the workflow's `run-name` does. */
  title: string
  /** The workflow's file, and its id. */
  path: string
  workflowId: number | undefined
  event: string
  branch: string
  actor: string | undefined
  /** Milliseconds since the epoch, by the server's clock. */
  created: number
  /** Some servers show what the run was started with. */
  inputs: Readonly<Record<string, unknown>>
  externalRunId: string | undefined
}

/** @returns undefined if it is not a workflow run */
export function parseRun(data: unknown): WorkflowRun | undefined {
  if (!isJsonObject(data)) return undefined
  const { id, status, conclusion, html_url: url, repository, actor } = data
  if (!isNumericId(id) || typeof url !== 'string') return undefined
  const owner = isJsonObject(repository) ? repository.owner : undefined
  const ownerId = isJsonObject(owner) ? owner.id : undefined
  const repositoryId = isJsonObject(repository) ? repository.id : undefined
  return {
    id,
    status: text(status, 'unknown'),
    conclusion: typeof conclusion === 'string' && conclusion !== '' ? conclusion : null,
    url,
    title: text(data.display_title),
    path: text(data.path),
    workflowId: isNumericId(data.workflow_id) ? data.workflow_id : undefined,
    event: text(data.event),
    branch: text(data.head_branch),
    actor: isJsonObject(actor) && typeof actor.login === 'string' ? actor.login : undefined,
    created: Date.parse(text(data.created_at)),
    inputs: isJsonObject(data.inputs) ? data.inputs : {},
    externalRunId:
      isNumericId(ownerId) && isNumericId(repositoryId)
        ? githubExternalRunId({ ownerId, repositoryId, workflowRunId: id })
        : undefined,
  }
}

/** @returns undefined if it is not a list of workflow runs */
export function parseRuns(data: unknown): Page<WorkflowRun> | undefined {
  if (!isJsonObject(data) || !Array.isArray(data.workflow_runs)) return undefined
  const { workflow_runs: entries } = data
  const items = entries.map(parseRun).filter((run) => run !== undefined)
  return { items, length: entries.length, total: totalOf(data) }
}

function totalOf({ total_count: total }: JsonObject): number | undefined {
  return typeof total === 'number' ? total : undefined
}

/** @returns undefined if it is not a list of jobs */
export function parseJobs(data: unknown): Page<JobRecord> | undefined {
  if (!isJsonObject(data) || !Array.isArray(data.jobs)) return undefined
  const { jobs } = data
  const items = jobs.filter(isJsonObject).map(toJob)
  return { items, length: jobs.length, total: totalOf(data) }
}

function toJob(job: JsonObject): JobRecord {
  const steps = (Array.isArray(job.steps) ? job.steps : []).filter(isJsonObject)
  // Gitea gives every step the conclusion of its job: then no step is known to have failed.
  const isCopy =
    typeof job.conclusion === 'string' &&
    steps.length > 1 &&
    steps.every((step) => step.conclusion === job.conclusion)
  return {
    name: text(job.name, 'a job'),
    status: text(job.status),
    conclusion: text(job.conclusion),
    finishedAt: text(job.completed_at),
    url: text(job.html_url),
    steps: (isCopy ? [] : steps).map((step) => ({
      name: text(step.name, 'a step'),
      status: text(step.status),
      conclusion: text(step.conclusion),
      finishedAt: text(step.completed_at),
    })),
  }
}

/** The run that the response to a dispatch names; undefined if it names none. */
export function parseStarted(data: unknown): RunRef | undefined {
  if (!isJsonObject(data)) return undefined
  const { workflow_run_id: id, html_url: url } = data
  if (!isNumericId(id)) return undefined
  return { id: String(id), ...(typeof url === 'string' && { url }) }
}

export function toRunRef({ id, url, externalRunId }: WorkflowRun): RunRef {
  return { id: String(id), url, ...(externalRunId && { externalRunId }) }
}

/** A run that is `completed` and has no conclusion yet is read again. */
export function toRunState(run: WorkflowRun): RunState {
  const { status, conclusion, url, externalRunId } = run
  const ended = status === 'completed' && conclusion !== null
  return {
    status,
    ...(conclusion && { conclusion }),
    ...(ended && { outcome: githubOutcome(conclusion) }),
    ...(status === 'waiting' && { waitsForPerson: true }),
    url,
    ...(externalRunId && { externalRunId }),
  }
}

function text(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback
}
