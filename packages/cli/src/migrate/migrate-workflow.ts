import { applyEdits, type Edit } from './edits.ts'
import { migrateJob } from './migrate-job.ts'
import { reportInLastJob } from './migrate-jobs.ts'
import type { Plan, PortJob, Remark } from './plan.ts'
import { isPortStep, readPortStep } from './port-step.ts'
import { readWorkflow, type Workflow } from './workflow.ts'

export interface Migration {
  source: string
  edits: Edit[]
  text: string
  remarks: Remark[]
  /** How many steps of port-github-action the file had, and has after the edits. */
  before: number
  after: number
}

/**
 * Rewrites a workflow from port-github-action to this Action.
 *
 * @param name of the file, for errors
 * @returns undefined if the file is no workflow and no action with steps
 * @throws InputError with line and column if it is not valid YAML
 */
export function migrateWorkflow(source: string, name: string): Migration | undefined {
  const workflow = readWorkflow(source, name)
  if (workflow === undefined) return undefined
  const jobs = workflow.jobs.map((job) => ({
    job,
    ports: job.steps.flatMap((step) => readPortStep(step, job, workflow) ?? []),
  }))
  const { edits, remarks } = plan(workflow, jobs)
  const native = once(edits).map((edit) =>
    source.includes('\r\n') ? { ...edit, text: edit.text.replace(/\r?\n/g, '\r\n') } : edit,
  )
  const text = applyEdits(source, native)
  return {
    source,
    edits: native,
    text,
    remarks,
    before: countPortSteps(workflow),
    after: native.length === 0 ? countPortSteps(workflow) : countIn(text, name),
  }
}

function plan(workflow: Workflow, jobs: readonly PortJob[]): Plan {
  const whole = workflow.kind === 'workflow' ? reportInLastJob(workflow, jobs) : undefined
  if (whole) return whole
  const plans = jobs.map((portJob) => migrateJob(workflow, portJob))
  return {
    edits: plans.flatMap(({ edits }) => edits),
    remarks: plans.flatMap(({ remarks }) => remarks),
  }
}

/** What several aliases stand for is edited once. */
function once(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()]
}

function countIn(text: string, name: string): number {
  const workflow = readWorkflow(text, `${name}, rewritten`)
  return workflow ? countPortSteps(workflow) : 0
}

function countPortSteps({ jobs }: Workflow): number {
  return jobs.flatMap(({ steps }) => steps).filter(isPortStep).length
}
