import type { JobState, PipelineState } from './pipeline-state.ts'
import type { Pipeline } from './pipeline-store.ts'

function time(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}

function secondsBetween(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.round(to - from) / 1000
}

export function pipelinePage(origin: string, pipeline: Pipeline): string {
  return `${origin}/${pipeline.project.path}/-/pipelines/${pipeline.id}`
}

export function jobId(pipeline: Pipeline, index: number): number {
  return pipeline.id * 100 + index + 1
}

export function userJson(origin: string) {
  return {
    id: 1,
    username: 'sandbox',
    name: 'Sandbox',
    state: 'active',
    locked: false,
    avatar_url: `${origin}/favicon.svg`,
    web_url: `${origin}/sandbox`,
  }
}

/** A pipeline in a list (GitLab's `PipelineBasic`). */
export function pipelineBasicJson(origin: string, pipeline: Pipeline, state: PipelineState) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.project.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: state.status,
    source: pipeline.source,
    created_at: time(pipeline.createdAt),
    updated_at: time(state.updatedAt),
    web_url: pipelinePage(origin, pipeline),
    name: null,
  }
}

/** A single pipeline (GitLab's `PipelineWithMetadata`). */
export function pipelineJson(origin: string, pipeline: Pipeline, state: PipelineState) {
  const text = state.status.replaceAll('_', ' ')
  const path = new URL(pipelinePage(origin, pipeline)).pathname
  return {
    ...pipelineBasicJson(origin, pipeline, state),
    before_sha: '0'.repeat(40),
    tag: pipeline.tag,
    yaml_errors: null,
    user: userJson(origin),
    started_at: time(state.startedAt),
    finished_at: time(state.finishedAt),
    committed_at: null,
    duration: secondsBetween(state.startedAt, state.finishedAt),
    queued_duration: secondsBetween(pipeline.createdAt, state.startedAt),
    coverage: null,
    archived: false,
    detailed_status: {
      icon: `status_${state.status}`,
      text,
      label: text,
      group: state.status,
      tooltip: text,
      has_details: true,
      details_path: path,
      illustration: null,
      favicon: '/favicon.svg',
    },
  }
}

export function jobJson(
  origin: string,
  pipeline: Pipeline,
  state: PipelineState,
  job: JobState,
  index: number,
) {
  const id = jobId(pipeline, index)
  return {
    id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: pipeline.tag,
    coverage: null,
    allow_failure: job.allowFailure,
    created_at: time(pipeline.createdAt),
    started_at: time(job.startedAt),
    finished_at: time(job.finishedAt),
    erased_at: null,
    duration: secondsBetween(job.startedAt, job.finishedAt),
    queued_duration: secondsBetween(job.queuedAt, job.startedAt),
    user: userJson(origin),
    commit: { id: pipeline.sha, short_id: pipeline.sha.slice(0, 8), title: 'Sandbox' },
    pipeline: pipelineBasicJson(origin, pipeline, state),
    ...(job.status === 'failed' && { failure_reason: 'script_failure' }),
    web_url: `${origin}/${pipeline.project.path}/-/jobs/${id}`,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  }
}
