import type { Edit } from './edits.ts'
import { type Ending, endingOf } from './ending.ts'
import { type Anchor, indentOf, placeOfReport, placeReport, removal } from './placement.ts'
import type { Plan, PortJob, Remark } from './plan.ts'
import {
  dropStatus,
  isStart,
  type PortStep,
  replaceInPlace,
  saysSomething,
  whyStatusStays,
} from './port-step.ts'
import { type Folded, writeReportStep } from './report-step.ts'
import type { Job, Step, Workflow } from './workflow.ts'

/** Rewrites one job: its classic steps become one REPORT step, all others stay in their places. */
export function migrateJob(workflow: Workflow, portJob: PortJob): Plan {
  const { job, ports } = portJob
  const ending = endingOf(portJob)
  if (ending.type !== 'report' || workflow.kind === 'composite')
    return keepSteps(workflow, portJob, ending)
  const { source } = workflow
  const [model] = ending.steps
  const anchor = model && placeOfReport(job, model)
  if (!anchor) return keepSteps(workflow, portJob, { type: 'none' })
  const folded = foldable(portJob, ending.steps, anchor)
  const removed = Object.values<PortStep>({ ...folded })
  const edits: Edit[] = []
  const remarks: Remark[] = []
  for (const port of ports) {
    if (removed.includes(port)) continue
    if (!ending.steps.includes(port)) {
      edits.push(...replaceInPlace(port, source))
      remarks.push(...remarksOn(job, port))
      continue
    }
    const plan = withoutStatus(workflow, job, port, ending.steps, whyKept(port))
    edits.push(...plan.edits)
    remarks.push(...plan.remarks)
  }
  const text = writeReportStep({
    ...folded,
    source,
    model,
    gone: ending.steps.filter((port) => !removed.includes(port) && goes(job, port, ending.steps)),
    endsOnFailureOnly: ending.endsOnFailureOnly,
    indent: indentOf(source, anchor.step),
  })
  edits.push(...placeReport(source, job, anchor, text, folded, removed))
  remarks.unshift({
    type: 'done',
    job: job.id,
    text: describeFold(folded),
  })
  return { edits, remarks }
}

/**
 * What becomes of a step whose job ends the run in another way: it keeps its message, or goes if it has none.
 *
 * @param why it stays, as a clause
 */
export function withoutStatus(
  { source }: Workflow,
  job: Job,
  port: PortStep,
  ending: readonly PortStep[],
  why: string,
): Plan {
  const { step } = port
  const reason = whyStatusStays(port, ending)
  if (reason !== undefined) {
    const text = `stays as PATCH_RUN with its status: ${reason}`
    return { edits: replaceInPlace(port, source), remarks: [remark('kept', job, step, text)] }
  }
  if (goes(job, port, ending)) {
    return { edits: [removal(source, job, step)], remarks: [] }
  }
  return {
    edits: [...dropStatus(port, source), ...replaceInPlace(port, source)],
    remarks: [remark('kept', job, step, `stays as PATCH_RUN without its status, ${why}`)],
  }
}

/** Whether nothing is left of a step whose job ends the run in another way. */
export function goes(job: Job, port: PortStep, ending: readonly PortStep[]): boolean {
  return whyStatusStays(port, ending) === undefined && !saysSomething(port) && job.steps.length > 1
}

function describeFold(folded: Folded): string {
  const kinds = Object.keys(folded)
  if (kinds.length === 0) return 'a REPORT step is added, which ends the run'
  const count = kinds.length === 1 ? '1 step' : `${kinds.length} steps`
  return `${count} (${kinds.join(', ')}) became one REPORT step`
}

function foldable({ job, ports }: PortJob, ending: readonly PortStep[], anchor: Anchor): Folded {
  const one = (effect: PortStep['effect']) => {
    const steps = ending.filter((step) => step.effect === effect && step.when !== 'cancelled')
    const [step] = steps
    return steps.length === 1 && step?.obstacle === undefined ? step : undefined
  }
  const begin = anchor.where === 'after' ? job.steps.indexOf(anchor.step) + 1 : 0
  const [first] = ports
  const start =
    first && isStart(first, job.steps.slice(begin, job.steps.indexOf(first.step)))
      ? first
      : undefined
  const [success, failure, either] = [one('success'), one('failure'), one('either')]
  return {
    ...(start && { start }),
    ...(success && { success }),
    ...(failure && { failure }),
    ...(either && { either }),
  }
}

function whyKept({ obstacle, when }: PortStep): string {
  const reason =
    when === 'cancelled'
      ? 'its message is for cancelled jobs only'
      : (obstacle ?? 'it has another message')
  return `which REPORT sends: ${reason}`
}

/** Leaves every step where it is, and changes what it uses. */
function keepSteps({ source, kind }: Workflow, { job, ports }: PortJob, ending: Ending): Plan {
  const remarks = ports.flatMap((port) => remarksOn(job, port))
  if (ending.type === 'own' || (ending.type === 'report' && kind === 'composite')) {
    const reason =
      ending.type === 'own' ? ending.reason : 'an action with steps does not know how its job ends'
    for (const { step } of ending.steps) {
      remarks.push(remark('kept', job, step, `stays as PATCH_RUN with its status: ${reason}`))
    }
  }
  const edits = ports.flatMap((port) => replaceInPlace(port, source))
  if (ports.length > 0) {
    const count = ports.length === 1 ? '1 step changes' : `${ports.length} steps change`
    remarks.unshift({ type: 'done', job: job.id, text: `${count} in place` })
  }
  return { edits, remarks }
}

/** What of a step is different from what it was, beside what it uses. */
export function remarksOn(job: Job, { step, operation, inputs }: PortStep): Remark[] {
  const given = inputs.get('operation')
  if (given?.trim().toUpperCase() === operation) return []
  if (given !== undefined) {
    return [remark('kept', job, step, `${given} is not an operation; it is written ${operation}`)]
  }
  return operation === 'UPSERT'
    ? []
    : [remark('kept', job, step, `had no operation and failed; it is a ${operation} now`)]
}

export function remark(type: Remark['type'], job: Job, step: Step, text: string): Remark {
  return { type, job: job.id, step: step.label, text }
}
