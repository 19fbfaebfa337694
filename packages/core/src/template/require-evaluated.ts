import { type Phrase, PortDispatchError, type Problem, phrase, setting } from '../errors.ts'
import type { ExpressionFailure } from './expression-failure.ts'

/**
 * Refuses a payload in which an expression was not evaluated to its end because of a limit here: what Port would have
 * made of it is not known, so that its null must not be sent.
 *
 * @param failures those of a rendering
 * @throws {PortDispatchError} `LIMIT`, with a problem for each such expression and what to raise
 */
export function requireEvaluated(failures: readonly ExpressionFailure[]): void {
  const limited = failures.filter(({ reason }) => reason === 'limit')
  if (limited.length === 0) return
  throw new PortDispatchError(
    'LIMIT',
    limited.length === 1
      ? 'The payload is incomplete, because an expression was not evaluated:'
      : `The payload is incomplete, because ${limited.length} expressions were not evaluated:`,
    { problems: limited.map(problem), advice: adviceFor(limited) },
  )
}

function problem({ path, message }: ExpressionFailure): Problem {
  return { path: path === '' ? 'the template' : path, found: message }
}

function adviceFor(limited: readonly ExpressionFailure[]): Phrase | undefined {
  const kinds = new Set(limited.map(({ kind }) => kind))
  if (kinds.has('time')) return phrase`Raise ${setting('jqTimeout')}, or simplify the expression.`
  if (kinds.has('steps'))
    return 'Write the regular expression without repetitions within repetitions.'
  if (kinds.has('memory')) return 'Let the expression build smaller values.'
  // A stack that is full is what jq crashes of.
  if (kinds.has('depth') || kinds.has('engine')) {
    return 'Let the expression recurse and nest its values less deeply.'
  }
  return undefined
}
