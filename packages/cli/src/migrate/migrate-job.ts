import type { Edit } from './edits.ts'
import { sameSource, whenOf } from './expressions.ts'
import type { Plan, PortJob, Remark } from './plan.ts'
import {
  dropStatus,
  isPortStep,
  isStart,
  type PortStep,
  replaceInPlace,
  saysSomething,
} from './port-step.ts'
import { type Folded, writeReportStep } from './report-step.ts'
import type { Job, Step, Workflow } from './workflow.ts'

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
  if (steps.some((step) => !sameSource(step.runId, first.runId))) {
    return own('the steps name their Port run in different ways')
  }
  if (steps.some((step) => !sameCredentials(step, first))) {
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

function sameCredentials(a: PortStep, b: PortStep): boolean {
  return ['clientId', 'clientSecret', 'baseUrl'].every(
    (name) => normal(a.inputs.get(name)) === normal(b.inputs.get(name)),
  )
}

function normal(text: string | undefined): string {
  return (text ?? '').replaceAll(' ', '')
}

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
    if (ending.steps.includes(port)) {
      if (saysSomething(port) || !port.step.isMovable) {
        edits.push(...dropStatus(port, source), ...replaceInPlace(port, source))
        remarks.push(remark('kept', job, port.step, whyKept(port)))
      } else edits.push(removal(source, job, port.step))
      continue
    }
    edits.push(...replaceInPlace(port, source))
    remarks.push(...remarksOn(job, port))
  }
  const comments = commentsOf(source, folded)
  const text = writeReportStep({
    ...folded,
    model,
    endsOnFailureOnly: ending.endsOnFailureOnly,
    indent: indentOf(source, anchor.step),
    comments,
  })
  edits.push(...placeReport(source, job, anchor, text, folded, removed))
  remarks.unshift({
    type: 'done',
    job: job.id,
    text: describeFold(folded),
  })
  return { edits, remarks }
}

function describeFold(folded: Folded): string {
  const kinds = Object.keys(folded)
  if (kinds.length === 0) return 'a REPORT step is added, which ends the run'
  const count = kinds.length === 1 ? '1 step' : `${kinds.length} steps`
  return `${count} (${kinds.join(', ')}) became one REPORT step`
}

interface Anchor {
  step: Step
  where: 'before' | 'after'
}

/** First in the job, so that nothing fails before it; or behind the step that makes the run id. */
function placeOfReport(job: Job, { runId }: PortStep): Anchor | undefined {
  if (runId.type !== 'step') {
    const [first] = job.steps
    return first?.isMovable ? { step: first, where: 'before' } : undefined
  }
  const step = job.steps.find(({ id }) => id === runId.step)
  return step?.isMovable ? { step, where: 'after' } : undefined
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
      : (obstacle ?? 'it is one of several')
  return `stays as PATCH_RUN without its status, which REPORT sends: ${reason}`
}

/** The comment above a step goes with its message. */
function commentsOf(source: string, folded: Folded): Record<string, string> {
  const names = {
    success: 'successMessage',
    failure: 'failureMessage',
    either: 'logMessage',
  } as const
  const comments: Record<string, string> = {}
  for (const [kind, name] of Object.entries(names)) {
    const port = folded[kind as keyof typeof names]
    const text = port && commentAbove(source, port.step)
    if (text) comments[name] = text
  }
  return comments
}

function commentAbove(source: string, { commentsFrom, span }: Step): string {
  return source
    .slice(commentsFrom, span.from)
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^#/, ''))
    .join('\n')
}

function placeReport(
  source: string,
  job: Job,
  { step, where }: Anchor,
  text: string,
  { start }: Folded,
  removed: readonly PortStep[],
): Edit[] {
  const startStep = start?.step
  const gone = removed
    .map((port) => port.step)
    .filter((each) => each !== startStep || startStep !== step)
    .map((each) => removal(source, job, each))
  if (where === 'before' && startStep === step) {
    return [...gone, { ...step.span, text }]
  }
  const comment = startStep && source.slice(startStep.commentsFrom, startStep.span.from)
  const block = `${comment ?? ''}${text}`
  if (where === 'after') {
    return [...gone, { from: step.span.to, to: step.span.to, text: gap(source, job) + block }]
  }
  const at = removed.some((port) => port.step === step) ? step.span.from : step.commentsFrom
  return [...gone, { from: at, to: at, text: block + gap(source, job) }]
}

/** The empty line between steps, where the job has one. */
function gap(source: string, { steps }: Job): string {
  const [, second] = steps
  return second && /\n[ \t]*\r?\n$/.test(source.slice(0, second.commentsFrom)) ? '\n' : ''
}

/** Takes a step out, with the comments above it and the empty lines before them. */
export function removal(source: string, job: Job, step: Step): Edit {
  if (job.steps[0] === step) {
    const next = job.steps[1]
    return { from: step.commentsFrom, to: next?.commentsFrom ?? step.span.to, text: '' }
  }
  const [blank = ''] = /(?:(?<=\n)[ \t]*\r?\n)*$/.exec(source.slice(0, step.commentsFrom)) ?? []
  return { from: step.commentsFrom - blank.length, to: step.span.to, text: '' }
}

export function indentOf(source: string, { span }: Step): string {
  return /^[ \t]*/.exec(source.slice(span.from))?.[0] ?? ''
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
