import { holds } from '../definition/condition.ts'
import type { WorkflowPlan } from '../definition/definition.ts'
import { fillInputs, type Workflow, type WorkflowJob } from './workflow-file.ts'

/** A step or job and the time it takes, in milliseconds since 1970. */
export interface Span {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly conclusion: string
}

export interface StepSpan extends Span {
  readonly log: readonly string[]
}

export interface JobSpan extends Span {
  readonly steps: readonly StepSpan[]
}

const STEP_SECONDS = 0.3
const SET_UP_SECONDS = 0.1

/**
 * Calculates when the jobs of a workflow run if nothing interrupts them.
 *
 * @param start when the first jobs start, milliseconds since 1970
 * @param second how many milliseconds a second of the plan takes
 */
export function plannedJobs(
  workflow: Workflow,
  plan: WorkflowPlan | undefined,
  inputs: Readonly<Record<string, string>>,
  start: number,
  second: number,
): JobSpan[] {
  const done = new Map<string, JobSpan>()
  for (const job of workflow.jobs) {
    const needs = job.needs.flatMap((need) => done.get(need) ?? [])
    const from = Math.max(start, ...needs.map(({ end }) => end))
    const blocked = needs.some(({ conclusion }) => conclusion !== 'success')
    const name = fillInputs(job.name, inputs)
    const steps = runsAfter(job.if, blocked) ? plannedSteps(job, plan, inputs, from, second) : []
    const failed = steps.some(({ conclusion }) => conclusion === 'failure')
    done.set(job.id, {
      name,
      start: from,
      end: steps.at(-1)?.end ?? from,
      conclusion: steps.length === 0 ? 'skipped' : failed ? 'failure' : 'success',
      steps,
    })
  }
  return [...done.values()]
}

function plannedSteps(
  job: WorkflowJob,
  plan: WorkflowPlan | undefined,
  inputs: Readonly<Record<string, string>>,
  start: number,
  second: number,
): StepSpan[] {
  let at = start + SET_UP_SECONDS * second
  let failed = false
  const steps: StepSpan[] = [
    { name: 'Set up job', start, end: at, conclusion: 'success', log: ['Runner: sandbox'] },
  ]
  for (const step of job.steps) {
    const { seconds = STEP_SECONDS, failWhen, log = [] } = plan?.steps?.[step.name] ?? {}
    const runs = runsAfter(step.if, failed)
    const fails = runs && failWhen !== undefined && holds(failWhen, inputs)
    const end = runs ? at + seconds * second : at
    steps.push({
      name: step.name,
      start: at,
      end,
      conclusion: fails ? 'failure' : runs ? 'success' : 'skipped',
      log: runs ? [...log, ...(fails ? ['Error: Process completed with exit code 1.'] : [])] : [],
    })
    failed ||= fails
    at = end
  }
  steps.push({ name: 'Complete job', start: at, end: at, conclusion: 'success', log: [] })
  return steps
}

/** Evaluates the status functions of an `if`. The rest of the expression is assumed to be true. */
function runsAfter(condition: string | undefined, failed: boolean): boolean {
  if (/always\(\)|!\s*cancelled\(\)/.test(condition ?? '')) return true
  if (/failure\(\)/.test(condition ?? '')) return failed
  return !failed && !/cancelled\(\)/.test(condition ?? '')
}
