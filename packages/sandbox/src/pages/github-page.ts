import { jobId } from '../github/run-json.ts'
import type { RunState } from '../github/run-state.ts'
import type { WorkflowRun } from '../github/run-store.ts'
import { html } from './html.ts'
import { jobList } from './job-list.ts'
import { page, status, table } from './layout.ts'

/** A workflow run, or one of its jobs. */
export function workflowRunPage(run: WorkflowRun, state: RunState, onlyJob?: number): Response {
  const jobs = state.jobs
    .map((job, index) => ({
      id: jobId(run, index),
      name: job.name,
      state: job.conclusion ?? job.status,
      steps: job.steps.map(({ name, log, ...step }) => ({
        name,
        log,
        state: step.conclusion ?? step.status,
      })),
    }))
    .filter(({ id }) => onlyJob === undefined || id === onlyJob)
  const body = html`<p>${status(state.conclusion ?? state.status)}</p>
${table({
  Repository: run.repository.definition.name,
  Workflow: run.workflow.file,
  Ref: run.ref,
  Run: String(run.id),
})}
<h2>Inputs</h2>${table(run.inputs)}
<h2>Jobs</h2>${jobList(jobs)}`
  const refresh = state.status === 'completed' ? 'never' : 'while-it-changes'
  return page(run.title, body, { refresh })
}
