// Which steps of a workflow report to the run in Port.
import { isJsonObject } from '../../json.ts'
import { textOf, type Workflow, type WorkflowStep } from './workflow.ts'

const OURS = /^port-dispatch\/port-dispatch(?:@|$)/i
const THEIRS = /^port-labs\/port-github-action(?:@|$)/i

/** Whether a step is one of this Action. */
export function isOurs({ uses }: WorkflowStep): boolean {
  return OURS.test(uses)
}

/** Inputs that make a step without `operation` one about entities. */
const ENTITY_INPUTS = [
  'identifier',
  'blueprint',
  'title',
  'team',
  'properties',
  'relations',
  'entities',
  'query',
  'include',
]

/** The operation of a step of this Action, in upper case; undefined if it is an expression. */
export function operationOf(step: WorkflowStep): string | undefined {
  const { operation } = step.with
  if (operation === undefined || operation === null || operation === '') {
    return ENTITY_INPUTS.some((name) => step.with[name] !== undefined) ? 'UPSERT' : 'REPORT'
  }
  const text = textOf(operation).trim()
  return text.includes('${{') ? undefined : text.toUpperCase()
}

/** Whether the step is a REPORT that ends the run. */
export function isReport(step: WorkflowStep): boolean {
  return isOurs(step) && operationOf(step) === 'REPORT'
}

/** Whether a REPORT step ends the run with its job. Expressions are taken for yes. */
export function endsRun(step: WorkflowStep): boolean {
  const { reportWorkflowStatus: flag } = step.with
  if (flag === undefined || flag === null) return true
  return !/^(?:false|failure)$/i.test(textOf(flag).trim())
}

/** Whether anything in the workflow may end the Port run: a step of an Action for Port, or a call of Port's API. */
export function canEndRun(workflow: Workflow): boolean {
  if (workflow.callsUnknown) return true
  const steps = [...workflow.jobs.flatMap((job) => job.steps), ...workflow.calledSteps]
  return steps.some((step) => {
    if (isReport(step)) return endsRun(step)
    if (OURS.test(step.uses)) {
      const operation = operationOf(step)
      return operation === undefined || (operation === 'PATCH_RUN' && hasStatus(step))
    }
    if (THEIRS.test(step.uses)) return hasStatus(step)
    // Another Action for Port, a call of Port's API, or our command.
    return (
      /\bport[-_]?(?:labs|dispatch|run|action|update|report)/i.test(step.uses) ||
      /actions\/runs|port-dispatch|getport\.io|port\.io|workflows\/nodes\/runs/i.test(
        step.run + callsOf(step),
      )
    )
  })
}

function hasStatus({ with: inputs }: WorkflowStep): boolean {
  const { status } = inputs
  return status !== undefined && status !== null && textOf(status).trim() !== ''
}

/** Addresses and scripts that a step gives to another Action. */
function callsOf({ with: inputs }: WorkflowStep): string {
  return isJsonObject(inputs) ? Object.values(inputs).map(textOf).join('\n') : ''
}
