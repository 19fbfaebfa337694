import { type Html, html } from './html.ts'
import { status } from './layout.ts'

export interface ShownJob {
  id: number
  name: string
  state: string
  steps: readonly { name: string; state: string; log: readonly string[] }[]
}

/** The jobs of a workflow run or pipeline with their steps and logs. */
export function jobList(jobs: readonly ShownJob[]): Html {
  return html`${jobs.map(
    ({ id, name, state, steps }) =>
      html`<section id="job-${id}"><h3>${name} ${status(state)}</h3>${steps.map(
        (step) =>
          html`<p>${step.name} ${status(step.state)}</p>${step.log.length > 0 ? html`<pre>${step.log.join('\n')}</pre>` : ''}`,
      )}</section>`,
  )}`
}
