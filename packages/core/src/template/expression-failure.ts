// An expression that failed: what is told about it, and how it looks to a person.
import type { Expression } from './compiled-template.ts'

/** Why an expression has no value of its own. */
export type FailureReason =
  /** jq does not accept it: a syntax error, an unknown function. */
  | 'compile'
  /** jq accepted it and it ended in an error. */
  | 'runtime'
  /** It was stopped, or never begun, because the payload's time was used up. */
  | 'time-limit'
  /** It needed more memory than an expression may have. */
  | 'memory-limit'

/** A place in a template string. */
export interface TextPosition {
  /** Zero-based, in UTF-16 units, as a JavaScript string counts. */
  index: number
  /** From 1. */
  line: number
  /** From 1, in UTF-16 units. */
  column: number
}

/** An expression that failed. Its value is null, as in Port. */
export interface ExpressionFailure {
  /** The path of the template string: `workflowInputs.labels[2]`. A key's is the path the key makes. */
  path: string
  /** The expression as written, without its braces. */
  expression: string
  /** jq's message, or which limit was exceeded. */
  message: string
  reason: FailureReason
  /** The template string that holds the expression. */
  text: string
  /** Where in `text` jq's message points to, else where the expression begins. */
  position: TextPosition
}

/** What went wrong with an expression, before it is known where the expression stands. */
export interface JqFailure {
  reason: FailureReason
  message: string
  /** The index in the filter that jq's message points to. */
  offset?: number
}

/** The failure of one expression, placed in its template string. */
export function expressionFailure(expression: Expression, failure: JqFailure): ExpressionFailure {
  const { path, source, text, start, filter } = expression
  const offset = failure.offset ?? filter.length - filter.trimStart().length
  return {
    path,
    expression: source,
    message: failure.message,
    reason: failure.reason,
    text,
    position: positionAt(text, start + offset),
  }
}

function positionAt(text: string, index: number): TextPosition {
  const before = text.slice(0, index)
  const lineStart = before.lastIndexOf('\n') + 1
  return { index, line: before.split('\n').length, column: index - lineStart + 1 }
}
