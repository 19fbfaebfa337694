import { minimalRepositoryJson, repositoryApi, userJson } from './repository-json.ts'
import type { JobState, RunState } from './run-state.ts'
import type { ServedRepository, ServedWorkflow, WorkflowRun } from './run-store.ts'

/** GitHub writes whole seconds. */
export function timeJson(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}

export function runPage(origin: string, run: WorkflowRun): string {
  return `${origin}/${run.repository.definition.name}/actions/runs/${run.id}`
}

export function jobId(run: WorkflowRun, index: number): number {
  return run.id * 100 + index + 1
}

export function workflowJson(
  origin: string,
  repository: ServedRepository,
  workflow: ServedWorkflow,
) {
  const path = `.github/workflows/${workflow.file}`
  const page = `${origin}/${repository.definition.name}`
  return {
    id: workflow.id,
    node_id: `W_${workflow.id}`,
    name: workflow.parsed.name ?? path,
    path,
    state: workflow.definition.state ?? 'active',
    created_at: '2024-01-15T09:00:00Z',
    updated_at: '2024-01-15T09:00:00Z',
    url: `${repositoryApi(origin, repository)}/actions/workflows/${workflow.id}`,
    html_url: `${page}/blob/${repository.defaultBranch}/${path}`,
    badge_url: `${page}/workflows/${encodeURIComponent(workflow.file)}/badge.svg`,
  }
}

export function runJson(origin: string, run: WorkflowRun, state: RunState) {
  const { repository, workflow } = run
  const api = repositoryApi(origin, repository)
  const url = `${api}/actions/runs/${run.id}`
  const actor = userJson(origin, 'sandbox', 1, 'User')
  const author = { name: 'sandbox', email: 'sandbox@example.com' }
  const minimal = minimalRepositoryJson(origin, repository)
  return {
    id: run.id,
    name: workflow.parsed.name ?? workflow.file,
    node_id: `WFR_${run.id}`,
    check_suite_id: run.id + 1,
    check_suite_node_id: `CS_${run.id}`,
    head_branch: run.ref,
    head_sha: run.sha,
    path: `.github/workflows/${workflow.file}`,
    display_title: run.title,
    run_number: run.number,
    run_attempt: 1,
    event: 'workflow_dispatch',
    status: state.status,
    conclusion: state.conclusion,
    workflow_id: workflow.id,
    url,
    html_url: runPage(origin, run),
    pull_requests: [],
    created_at: timeJson(run.createdAt),
    updated_at: timeJson(state.updatedAt),
    run_started_at: timeJson(run.createdAt),
    actor,
    triggering_actor: actor,
    referenced_workflows: [],
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${run.id + 1}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api}/actions/workflows/${workflow.id}`,
    head_commit: {
      id: run.sha,
      tree_id: run.sha,
      message: 'Sandbox',
      timestamp: '2024-01-15T09:00:00Z',
      author,
      committer: author,
    },
    repository: minimal,
    head_repository: minimal,
  }
}

export function jobJson(origin: string, run: WorkflowRun, job: JobState, index: number) {
  const api = repositoryApi(origin, run.repository)
  const id = jobId(run, index)
  const orNull = (milliseconds: number | null) =>
    milliseconds === null ? null : timeJson(milliseconds)
  return {
    id,
    run_id: run.id,
    workflow_name: run.workflow.parsed.name ?? null,
    head_branch: run.ref,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: 1,
    node_id: `CR_${id}`,
    head_sha: run.sha,
    url: `${api}/actions/jobs/${id}`,
    html_url: `${runPage(origin, run)}/job/${id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: timeJson(run.createdAt),
    // For a job that waits, GitHub returns the time of its creation.
    started_at: timeJson(job.startedAt ?? run.createdAt),
    completed_at: orNull(job.completedAt),
    name: job.name,
    steps: job.steps.map((step, position) => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: position + 1,
      started_at: orNull(step.startedAt),
      completed_at: orNull(step.completedAt),
    })),
    check_run_url: `${api}/check-runs/${id}`,
    labels: ['ubuntu-latest'],
    runner_id: job.startedAt === null ? null : 1,
    runner_name: job.startedAt === null ? null : 'sandbox',
    runner_group_id: job.startedAt === null ? null : 1,
    runner_group_name: job.startedAt === null ? null : 'Default',
  }
}
