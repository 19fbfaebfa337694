import { sameSource, whenOf } from './expressions.ts'
import type { PortJob } from './plan.ts'
import { isPortStep, type PortStep, sameConnection } from './port-step.ts'
import type { Step } from './workflow.ts'

/** What a job does with the status of the run. */
export type Ending =
  | { type: 'none' }
  /** As one REPORT step would end it. */
  | { type: 'report'; steps: PortStep[]; endsOnFailureOnly: boolean }
  /** In a way that is for its own steps only, for this reason. */
  | { type: 'own'; steps: PortStep[]; reason: string }

export function endingOf({ job, ports }: PortJob): Ending {
  const steps = ports.filter(({ effect }) => effect !== 'none')
  const [first] = steps
  if (!first) return { type: 'none' }
  const own = (reason: string): Ending => ({ type: 'own', steps, reason })
  if (steps.some(({ effect }) => effect === 'by-data')) {
    return own('the status depends on more than whether the job succeeds')
  }
  if (first.runId.type === 'unknown') return own('the run id is made while the job runs')
  if (first.made.others) return own('the credentials are made while the job runs')
  if (steps.some((step) => !sameSource(step.runId, first.runId))) {
    return own('the steps name their Port run in different ways')
  }
  if (steps.some((step) => !sameConnection(step, first))) {
    return own('the steps have different credentials')
  }
  const last = steps.filter(({ effect }) => effect !== 'failure')
  const [success] = last
  if (last.length > 1) return own('several steps end the run with SUCCESS')
  if (success && job.steps.slice(job.steps.indexOf(success.step) + 1).some(isWork)) {
    return own('steps follow it that its SUCCESS does not wait for')
  }
  return { type: 'report', steps, endsOnFailureOnly: success === undefined }
}

/** A step that is part of what the job is for: it runs if all went well. */
function isWork(step: Step): boolean {
  return !isPortStep(step) && ['success', 'other'].includes(whenOf(step.condition, undefined))
}
