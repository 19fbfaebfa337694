import { jobId } from '../gitlab/pipeline-json.ts'
import { FINAL_STATUSES, type PipelineState } from '../gitlab/pipeline-state.ts'
import type { Pipeline } from '../gitlab/pipeline-store.ts'
import { html } from './html.ts'
import { jobList } from './job-list.ts'
import { page, status, table } from './layout.ts'

/** A pipeline, or one of its jobs. */
export function pipelinePage(pipeline: Pipeline, state: PipelineState, onlyJob?: number): Response {
  const jobs = state.jobs
    .map((job, index) => ({
      id: jobId(pipeline, index),
      name: `${job.stage}: ${job.name}`,
      state: job.status,
      steps: job.log.length > 0 ? [{ name: 'script', state: job.status, log: job.log }] : [],
    }))
    .filter(({ id }) => onlyJob === undefined || id === onlyJob)
  const variables = pipeline.variables.map(({ key, value }) => [key, value])
  const body = html`<p>${status(state.status)}</p>
${table({
  Project: pipeline.project.path,
  Ref: pipeline.ref,
  Source: pipeline.source,
  Pipeline: String(pipeline.id),
})}
<h2>Variables</h2>${table(Object.fromEntries(variables))}
<h2>Inputs</h2>${table(pipeline.inputs)}
<h2>Jobs</h2>${jobList(jobs)}`
  const refresh = FINAL_STATUSES.includes(state.status) ? 'never' : 'while-it-changes'
  return page(`Pipeline #${pipeline.id}`, body, { refresh })
}
