import { holds } from '../definition/condition.ts'
import type { ProjectDefinition } from '../definition/definition.ts'
import { type JobSpan, plannedJobs } from './planned-jobs.ts'

/** An end of a pipeline that its jobs do not lead to: a cancellation, or an ending of the plan. */
export interface PipelineEnd {
  /** When it was requested. Until `at`, the pipeline is `canceling`. */
  readonly asked?: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly status: string
}

export interface Created {
  readonly project: ProjectDefinition
  /** Variables and inputs. */
  readonly values: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly end: PipelineEnd | undefined
}

export interface JobState {
  name: string
  stage: string
  status: string
  allowFailure: boolean
  queuedAt: number | null
  startedAt: number | null
  finishedAt: number | null
  log: readonly string[]
}

export interface PipelineState {
  status: string
  startedAt: number | null
  finishedAt: number | null
  updatedAt: number
  jobs: JobState[]
}

export const FINAL_STATUSES: readonly string[] = ['success', 'failed', 'canceled', 'skipped']
const QUEUED_SECONDS = 0.4

/** The state of a pipeline at a time. It depends only on the arguments. */
export function pipelineState(pipeline: Created, now: number, second: number): PipelineState {
  const { project, values, createdAt } = pipeline
  const firstStage = createdAt + (project.queued ?? QUEUED_SECONDS) * second
  const planned = plannedJobs(project, values, firstStage, second)
  const natural = naturalEnd(planned, firstStage)
  const end = earliest(pipeline.end, plannedEnd(pipeline, natural.at, second), natural)
  const jobs = (end ? cutJobs(planned, end) : planned).map((job) => jobState(job, now))
  const { at, status, asked } = { asked: undefined, ...(end ?? natural) }

  const startedAt = now < firstStage ? null : firstStage
  const shown = { startedAt, finishedAt: null, jobs }
  if (now >= at) {
    const finishedAt = FINAL_STATUSES.includes(status) ? at : null
    return { ...shown, status, finishedAt, updatedAt: at }
  }
  if (asked !== undefined && now >= asked)
    return { ...shown, status: 'canceling', updatedAt: asked }
  const pendingAt = createdAt + (firstStage - createdAt) / 2
  if (now < pendingAt) return { ...shown, status: 'created', updatedAt: createdAt }
  if (now < firstStage) return { ...shown, status: 'pending', updatedAt: pendingAt }
  const moments = jobs.flatMap(({ startedAt, finishedAt }) => [startedAt ?? 0, finishedAt ?? 0])
  return { ...shown, status: 'running', updatedAt: Math.max(firstStage, ...moments) }
}

function naturalEnd(planned: readonly JobSpan[], firstStage: number): PipelineEnd {
  const reached = planned.filter(({ end }) => Number.isFinite(end))
  const at = Math.max(firstStage, ...reached.map(({ end }) => end))
  const matters = planned.filter(({ definition }) => !definition.allowFailure)
  const has = (status: string) => matters.some((job) => job.status === status)
  return { at, status: has('failed') ? 'failed' : has('manual') ? 'manual' : 'success' }
}

function plannedEnd(pipeline: Created, naturalAt: number, second: number): PipelineEnd | undefined {
  const ending = pipeline.project.endings?.find(({ when }) => holds(when, pipeline.values))
  if (!ending) return undefined
  const at = ending.after === undefined ? naturalAt : pipeline.createdAt + ending.after * second
  return { at, status: ending.status }
}

/** A pipeline that has ended on its own can no longer be cancelled. One that waits can. */
function earliest(
  asked: PipelineEnd | undefined,
  planned: PipelineEnd | undefined,
  natural: PipelineEnd,
): PipelineEnd | undefined {
  const other = planned ?? natural
  if (asked && (asked.at < other.at || !FINAL_STATUSES.includes(other.status))) return asked
  return planned
}

function cutJobs(jobs: readonly JobSpan[], { at, status }: PipelineEnd): JobSpan[] {
  const never = Number.POSITIVE_INFINITY
  return jobs.map((job) => {
    if (job.end < at) return job
    if (!FINAL_STATUSES.includes(status))
      return {
        ...job,
        queued: job.queued >= at ? never : job.queued,
        start: job.start >= at ? never : job.start,
        end: never,
      }
    const ran = job.start < at && job.status !== 'manual'
    return {
      ...job,
      start: Math.min(job.start, at),
      end: at,
      status: ran ? status : status === 'canceled' ? 'canceled' : 'skipped',
    }
  })
}

function jobState(job: JobSpan, now: number): JobState {
  const { name, stage, allowFailure = false, log = [] } = job.definition
  const ran = job.start < job.end
  const ended = now >= job.end
  const failure = job.status === 'failed' ? ['ERROR: Job failed: exit code 1'] : []
  return {
    name,
    stage,
    allowFailure,
    status: jobStatus(job, now),
    queuedAt: ran && now >= job.queued ? job.queued : null,
    startedAt: ran && now >= job.start ? job.start : null,
    finishedAt: ran && ended ? job.end : null,
    log: ran && ended ? [`$ ./ci/${name}.sh`, ...log, ...failure] : [],
  }
}

function jobStatus({ queued, start, end, status }: JobSpan, now: number): string {
  if (now >= end) return status
  if (now >= start) return 'running'
  return now >= queued ? 'pending' : 'created'
}
