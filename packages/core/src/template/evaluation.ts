// What an expression came to, whoever evaluated it.
import type { Json } from '../json.ts'

/** Whose fault it is that an expression has no value. */
export type FailureReason =
  /** The expression's own: jq gives an error, and Port takes null for it. */
  | 'error'
  /** It was not evaluated to its end because of a limit here. What Port makes of it is not known. */
  | 'limit'

/** What happened to an expression that has no value. */
export type FailureKind =
  /** jq does not accept it: a syntax error, an unknown function. An error. */
  | 'compile'
  /** jq accepted it and it ended in an error. An error. */
  | 'runtime'
  /** The payload's time was used up before it ended, or before it began. A limit. */
  | 'time'
  /** It needed more memory than jq may have. A limit. */
  | 'memory'
  /** A regular expression of it took more steps than jq allows. A limit. */
  | 'steps'
  /** Its context or its value is nested more deeply than can be handled. A limit. */
  | 'depth'
  /** jq could not be started, or it crashed. A limit. */
  | 'engine'

/** What went wrong with an expression, before it is known where the expression stands. */
export interface JqFailure {
  reason: FailureReason
  kind: FailureKind
  message: string
  /** The index in the filter that jq's message points to. */
  offset?: number
}

/** What an expression came to. No output is a value that is undefined. */
export type Evaluation =
  | { type: 'value'; value: Json | undefined }
  /** Port takes a failure for null, but an error that is not a string for no output. */
  | { type: 'failure'; failure: JqFailure; value: null | undefined }

export const noOutput: Evaluation = { type: 'value', value: undefined }

export function failed(kind: FailureKind, message: string): Evaluation & { type: 'failure' } {
  const reason = kind === 'compile' || kind === 'runtime' ? 'error' : 'limit'
  return { type: 'failure', failure: { reason, kind, message }, value: null }
}
