// What a migration has to understand of GitHub's expressions: where a run id comes from, when a step runs, and which
// texts cannot be evaluated before the job's end.
import { asksForStatus, evaluate, isTrue, JOB_STATUSES, type JobStatus } from './condition.ts'
import type { Job, Workflow } from './workflow.ts'

/** When a step runs, as far as its `if` says so in a way that a REPORT step can say too. */
export type When = 'success' | 'failure' | 'cancelled' | 'always' | 'other'

/** An expression without `${{ }}` around it, and with its white space made even. */
export function bare(text: string): string {
  const trimmed = text.trim()
  const [, inner] = /^\$\{\{([\s\S]*)\}\}$/.exec(trimmed) ?? []
  const expression = inner !== undefined && !inner.includes(`\${{`) ? inner : trimmed
  return expression
    .replace(/'(?:[^']|'')*'|\s+/g, (part) => (part.startsWith("'") ? part : ' '))
    .trim()
}

/**
 * With which statuses of its job a step runs.
 *
 * @param condition the text of its `if`
 * @param guard the input that holds the run id: that it is not empty goes without saying for a step that reports
 * @returns undefined if that depends on more
 */
export function statusesOf(
  condition: string | undefined,
  guard: string | undefined,
): readonly JobStatus[] | undefined {
  const text = bare(condition ?? '')
  if (text === '') return ['success']
  const name = guard?.toLowerCase()
  const present = name === undefined ? [] : [`inputs.${name}`, `github.event.inputs.${name}`]
  const runs = JOB_STATUSES.map((status) => {
    if (!asksForStatus(text) && status !== 'success') return false
    return isTrue(evaluate(text, status, present))
  })
  if (runs.includes(undefined)) return undefined
  return JOB_STATUSES.filter((_, index) => runs[index])
}

/** When a step runs, see {@link statusesOf}. */
export function whenOf(condition: string | undefined, guard: string | undefined): When {
  const statuses = statusesOf(condition, guard)
  const [runsOnSuccess, runsOnFailure, runsOnCancelled] = JOB_STATUSES.map((status) =>
    statuses?.includes(status),
  )
  if (runsOnFailure) return runsOnSuccess ? 'always' : 'failure'
  if (runsOnSuccess) return runsOnCancelled ? 'other' : 'success'
  return runsOnCancelled ? 'cancelled' : 'other'
}

/** Where a step has its run id from. */
export type RunIdSource =
  /** An input of the event, in which the Action looks too. */
  | { type: 'found'; input: string }
  /** Something that is there when the job starts. */
  | { type: 'expression'; text: string }
  /** The output of a step before it. */
  | { type: 'step'; text: string }
  | { type: 'unknown' }

const IN_CONTAINER =
  /^fromjson\((?:github\.event\.)?inputs\.(port_context|port_payload)\)\.(?:runid|run_id|context\.runid|run\.id)$/i
const AS_INPUT = /^(?:github\.event\.)?inputs\.(port_run_id|runid|run_id)$/i
const CARRIERS = ['port_context', 'port_payload', 'port_run_id', 'runid', 'run_id']

export function runIdSource(text: string | undefined, job: Job, workflow: Workflow): RunIdSource {
  if (text === undefined) return { type: 'unknown' }
  const expression = bare(text)
  const [, variable] = /^env\.(\w+)$/.exec(expression) ?? []
  if (variable !== undefined) {
    const value = job.env.get(variable) ?? workflow.env.get(variable)
    return value === undefined || variable === bare(value).slice('env.'.length)
      ? { type: 'unknown' }
      : runIdSource(value, job, workflow)
  }
  const [, input] = IN_CONTAINER.exec(expression) ?? AS_INPUT.exec(expression) ?? []
  if (input !== undefined && isOnlyCarrier(input, workflow)) {
    return { type: 'found', input: input.toLowerCase() }
  }
  if (stepReadsOf(text, job, workflow).steps.length > 0) return { type: 'step', text }
  if (/\b(?:env|matrix|job|runner)\./.test(expression)) return { type: 'unknown' }
  return { type: 'expression', text }
}

/** The Action looks in several inputs: only if there is one can it find nothing else. */
function isOnlyCarrier(input: string, { inputs, events }: Workflow): boolean {
  const carriers = inputs.filter((name) => CARRIERS.includes(name.toLowerCase()))
  const [carrier] = carriers
  return (
    carriers.length === 1 &&
    carrier?.toLowerCase() === input.toLowerCase() &&
    !events.includes('workflow_call')
  )
}

export function sameSource(a: RunIdSource, b: RunIdSource): boolean {
  if (a.type === 'found' || b.type === 'found') return a.type === b.type
  if (a.type === 'unknown' || b.type === 'unknown') return false
  return bare(a.text).toLowerCase() === bare(b.text).toLowerCase()
}

/** What a text reads that is not there before the steps of its job: their outputs, and variables that they set. */
export interface StepReads {
  /** Ids of the steps. */
  steps: string[]
  /** Whether it reads more of them, which it does not name. */
  others: boolean
}

export function stepReadsOf(text: string, job: Job, workflow: Workflow): StepReads {
  const steps = new Set<string>()
  let others = false
  for (const expression of expressionsIn(text)) {
    for (const [, dotted, indexed] of expression.matchAll(
      /\bsteps\b(?:\s*\.\s*([\w-]+)|\s*\[\s*'([^']+)'\s*\])?/gi,
    )) {
      const id = dotted ?? indexed
      if (id === undefined) others = true
      else steps.add(id)
    }
    others ||= variablesIn(expression).some(
      (name) => !(job.env.has(name) || workflow.env.has(name)),
    )
  }
  return { steps: [...steps], others }
}

/**
 * Whether a text reads what the steps of its job have made. A REPORT step, which is in front of them, cannot: the
 * expression is evaluated there before they run too, where `fromJSON` of nothing fails, and actionlint refuses it.
 */
export function readsSteps(text: string, job: Job, workflow: Workflow): boolean {
  const { steps, others } = stepReadsOf(text, job, workflow)
  return steps.length > 0 || others
}

/**
 * A text as it has to be written in another job: variables of the job become what they hold.
 *
 * @returns undefined if it reads what only its own job has
 */
export function inOtherJob(text: string, job: Job, workflow: Workflow): string | undefined {
  const [, variable] = /^env\.([\w-]+)$/.exec(bare(text)) ?? []
  const value = variable === undefined ? undefined : job.env.get(variable)
  if (value !== undefined) {
    return readsOf(value, /\benv\b/i) ? undefined : inOtherJob(value, job, workflow)
  }
  if (readsOf(text, /\b(?:steps|matrix|strategy|job|runner)\s*[.[]/i)) return undefined
  // Secrets and variables can be those of the environment.
  if (job.node.has('environment') && readsOf(text, /\b(?:secrets|vars)\b/i)) return undefined
  const variables = expressionsIn(text).flatMap(variablesIn)
  return variables.every((name) => workflow.env.has(name) && !job.env.has(name)) ? text : undefined
}

function readsOf(text: string, contexts: RegExp): boolean {
  return expressionsIn(text).some((expression) => contexts.test(expression))
}

function expressionsIn(text: string): string[] {
  return [...text.matchAll(/\$\{\{([\s\S]*?)\}\}/g)].map(([, inner = '']) => inner)
}

function variablesIn(expression: string): string[] {
  return [...expression.matchAll(/\benv\.([\w-]+)/g)].map(([, name = '']) => name)
}

/** One text for a job that succeeded and another for one that failed, as one that is evaluated at the end. */
export function byJobStatus(success: string | undefined, failure: string | undefined): string {
  if (success === failure) return success ?? ''
  const cases = [
    ...(success ? [`job.status == 'success' && ${asExpression(success)}`] : []),
    ...(failure ? [`job.status == 'failure' && ${asExpression(failure)}`] : []),
  ]
  return `\${{ ${[...cases, "''"].join(' || ')} }}`
}

/** A text with `${{ }}` in it as one expression. */
function asExpression(text: string): string {
  const parts = text.split(/\$\{\{([\s\S]*?)\}\}/)
  const values = parts.filter((_, index) => index % 2 === 1).map((part) => part.trim())
  const quote = (value: string) => `'${value.replaceAll("'", "''")}'`
  const [value] = values
  if (value === undefined) return quote(text)
  if (values.length === 1 && parts.every((part, index) => index === 1 || part === '')) {
    return /^[\w.-]+$/.test(value) ? value : `(${value})`
  }
  const pattern = parts.map((part, index) =>
    index % 2 === 1 ? `{${(index - 1) / 2}}` : part.replace(/[{}]/g, '$&$&'),
  )
  return `format(${[quote(pattern.join('')), ...values].join(', ')})`
}
