import type { FailedJob } from './failed-jobs.ts'
import { isSuccess, type Outcome } from './outcome.ts'

/** How something that ran for a Port run ended. */
export interface RunEnd {
  /** What ran, as people write it: `acme/services/deploy.yml`, `Deploy`. */
  target: string
  /** The system's own word for how it ended: `failure`, `canceled`. */
  conclusion: string
  /** What the word means in Port: `githubOutcome(conclusion)`, `gitlabOutcome(status)`. */
  outcome: Outcome
  /** The jobs that failed, the first in time first: see `failedJobs`. */
  jobs?: readonly FailedJob[]
  /** Conclusions of all jobs by their names, where they are known: `needs` on GitHub. */
  results?: ReadonlyMap<string, string> | undefined
  /** Page of the run. */
  url?: string | undefined
  /** Which attempt it was, from 1. */
  attempt?: number | undefined
}

/**
 * Says how a run ended, for its page in Port.
 *
 * @returns an outcome whose label names what failed first, and a log line with all that failed and their links. A run
 *   that was cancelled names no job: what failed then was cancelled too.
 */
export function describeEnd(end: RunEnd): { outcome: Outcome; message: string } {
  const { outcome, results = new Map<string, string>() } = end
  const failed = outcome.status === 'FAILURE' && !outcome.cancelled ? (end.jobs ?? []) : []
  return {
    outcome: { ...outcome, statusLabel: labelOf(end, failed) },
    message: [
      headOf(end),
      ...[...results].map(([name, result]) => `  ${oneLine(name)}: ${result}`),
      ...(failed.length > 0 ? ['Failed:', ...failed.map(lineOf)] : []),
    ].join('\n'),
  }
}

function headOf({ target, attempt = 1, conclusion, url }: RunEnd): string {
  const which = attempt > 1 ? ` (attempt ${attempt})` : ''
  return `${oneLine(target)}${which} ended: ${oneLine(conclusion)}.${url ? ` ${url}` : ''}`
}

function labelOf({ outcome, results }: RunEnd, failed: readonly FailedJob[]): string {
  // A conclusion that is not known is its own label.
  const label = shortLabel(outcome.statusLabel)
  if (outcome.status === 'SUCCESS' || outcome.cancelled) return label
  const [first] = failed
  if (first) return failedAt([first.step ?? first.name])
  // Of these it is not known which came first.
  const names = [...(results ?? [])].filter(([, result]) => isFailure(result)).map(([name]) => name)
  return names.length > 0 ? failedAt(names) : label
}

function isFailure(result: string): boolean {
  return !isSuccess(result) && result !== 'cancelled'
}

function lineOf({ name, step, url, reason }: FailedJob): string {
  const where = step === undefined ? name : `${name}, step "${step}"`
  return `  ${oneLine(where)}${reason ? ` (${oneLine(reason)})` : ''}${url ? `: ${url}` : ''}`
}

function failedAt(names: readonly string[]): string {
  return shortLabel(`Failed at ${names.map((name) => `"${oneLine(name)}"`).join(', ')}`)
}

/** A label in Port is short; the whole story is in the log. */
const MAX_LABEL = 60

/** Cuts a label that is too long to be read at a glance, and closes the quotation that the cut opened. */
export function shortLabel(label: string): string {
  const line = oneLine(label)
  if (line.length <= MAX_LABEL) return line
  const cut = (length: number) => line.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
  const kept = cut(MAX_LABEL - 1)
  const isOpen = (kept.split('"').length - 1) % 2 === 1
  return isOpen ? `${cut(MAX_LABEL - 2)}…"` : `${kept}…`
}

/** Names come from files that others write: a line break in one would begin a line of ours. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
