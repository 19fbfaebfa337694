// Where a REPORT step goes, and what is left where a step was.
import type { Edit } from './edits.ts'
import type { PortStep } from './port-step.ts'
import type { Folded } from './report-step.ts'
import type { Job, Step } from './workflow.ts'

export interface Anchor {
  step: Step
  where: 'before' | 'after'
}

/** First in the job, so that nothing fails before it; or behind the steps that make the run id and the credentials. */
export function placeOfReport(job: Job, { made }: PortStep): Anchor | undefined {
  const places = made.steps.map((name) => job.steps.findIndex(({ id }) => id === name))
  if (places.includes(-1)) return undefined
  const step = job.steps[Math.max(0, ...places)]
  return step?.isMovable ? { step, where: places.length === 0 ? 'before' : 'after' } : undefined
}

export function placeReport(
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
