// The shapes of GitLab's responses. What does not have them is a lost answer.
import { isJsonObject } from '@port-dispatch/core'
import {
  gitlabExternalRunId,
  gitlabOutcome,
  isNumericId,
  type JobRecord,
} from '@port-dispatch/core/run'
import type { RunRef, RunState } from '../backend.ts'
import type { Page } from '../pages.ts'

/** What is read of a pipeline. */
export interface Pipeline {
  id: number
  projectId: number | undefined
  status: string
  ref: string
  source: string
  url: string | undefined
  /** Milliseconds since the epoch, by the server's clock. */
  created: number
  /** Why it failed, in GitLab's words. */
  reason: string | undefined
}

/** @returns undefined if it is not a pipeline */
export function parsePipeline(data: unknown): Pipeline | undefined {
  if (!isJsonObject(data)) return undefined
  const { id, project_id: projectId, web_url: url } = data
  if (!isNumericId(id)) return undefined
  const reason = text(data.yaml_errors) || text(data.failure_reason)
  return {
    id,
    projectId: isNumericId(projectId) ? projectId : undefined,
    status: text(data.status),
    ref: text(data.ref),
    source: text(data.source),
    url: typeof url === 'string' && url !== '' ? url : undefined,
    created: Date.parse(text(data.created_at)),
    reason: reason || undefined,
  }
}

/** @returns undefined if it is not a list of pipelines */
export function parsePipelines(data: unknown): Page<Pipeline> | undefined {
  if (!Array.isArray(data)) return undefined
  const items = data.map(parsePipeline).filter((pipeline) => pipeline !== undefined)
  return { items, length: data.length }
}

export function toRunRef({ id, projectId, url }: Pipeline): RunRef {
  return {
    id: String(id),
    ...(url && { url }),
    ...(projectId !== undefined && {
      externalRunId: gitlabExternalRunId({ projectId, pipelineId: id }),
    }),
  }
}

export function toRunState(pipeline: Pipeline, run: RunRef): RunState {
  const { status, reason } = pipeline
  const outcome = gitlabOutcome(status)
  const { url = run.url ?? '', externalRunId = run.externalRunId } = toRunRef(pipeline)
  return {
    status,
    ...(outcome && { outcome, conclusion: status }),
    ...(outcome?.status === 'FAILURE' && reason && { reason }),
    ...(status === 'manual' && { waitsForPerson: true }),
    url,
    ...(externalRunId && { externalRunId }),
  }
}

/**
 * Reads jobs (`/jobs`) or trigger jobs (`/bridges`), of which the latter link to the pipeline that they started.
 *
 * @returns undefined if it is not a list of jobs
 */
export function parseJobs(data: unknown): JobRecord[] | undefined {
  if (!Array.isArray(data)) return undefined
  return data.filter(isJsonObject).map((job) => {
    const downstream = isJsonObject(job.downstream_pipeline) ? job.downstream_pipeline : {}
    return {
      name: text(job.name) || 'a job',
      conclusion: text(job.status),
      mayFail: job.allow_failure === true,
      finishedAt: text(job.finished_at),
      url: text(downstream.web_url) || text(job.web_url),
      reason: text(job.failure_reason),
    }
  })
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
