import type { Evaluation } from '../evaluation.ts'
import type { Inspection, Reading } from './inspect.ts'
import { catching, type Use } from './versions.ts'

/**
 * What a person should know about an expression that jq 1.6 does not take as we do. The values stay out of it, as they
 * can be secret.
 *
 * @param evaluation what the expression came to here
 * @param reading what it came to as jq 1.6 reads it, if that was evaluated
 */
export function versionNote(
  { missing, crashes, catches, reading: change }: Inspection,
  evaluation: Evaluation,
  reading: Evaluation | undefined,
): string | undefined {
  if (missing.length > 0) {
    return `${needs(missing)}. jq 1.6, on which Port's published binding is built, does not accept this expression and gives null`
  }
  if (crashes.length > 0) {
    const names = crashes.map((name) => `\`${name}\``).join(' and ')
    return `Port's published binding, which is built on jq 1.6, crashes on ${names}`
  }
  const result = reading && change && differing(evaluation, reading, change)
  if (change !== undefined && result !== undefined) return otherwise(result, change.changes)
  const isError = evaluation.type === 'failure' && evaluation.failure.kind === 'runtime'
  return catches && isError
    ? otherwise('can have no output or another value', [catching])
    : undefined
}

function otherwise(result: string, changes: readonly Use[]): string {
  const what = changes
    .map(({ what, since, isNew }) => `${what} (${isNew ? 'new' : 'changed'} in jq ${since})`)
    .join(' or ')
  return `With jq 1.6, on which Port's published binding is built, this expression ${result}: ${what}`
}

function needs(missing: readonly Use[]): string {
  const what = missing.map(({ what }) => what).join(' and ')
  const since = missing.map(({ since }) => since).toSorted()
  const [first = ''] = what
  return `${first.toUpperCase()}${what.slice(1)} ${missing.length === 1 ? 'needs' : 'need'} jq ${since.at(-1)}`
}

/** What jq 1.6 makes of it, if that is something else. */
function differing(
  ours: Evaluation,
  theirs: Evaluation,
  { isWritten }: Reading,
): string | undefined {
  if (theirs.type === 'failure') {
    const { reason, kind, message } = theirs.failure
    if (message.startsWith('{"jq":"endless"}')) return 'does not end'
    // Nothing is known about a reading that jq does not accept or that a limit stopped.
    if (reason === 'limit' || (kind === 'compile' && !isWritten)) return undefined
  }
  if (ours.type === 'failure' && ours.failure.reason === 'limit') return undefined
  const text = JSON.stringify(theirs.value)
  if (text === JSON.stringify(ours.value)) return undefined
  if (text === undefined) return 'has no output'
  return text === 'null' ? 'is null' : 'has another value'
}
