// An expression that failed: what is told about it, and how it looks to a person.
import type { Expression } from './compiled-template.ts'
import type { FailureKind, FailureReason, JqFailure } from './evaluation.ts'

/** A place in a template string. */
export interface TextPosition {
  /** Zero-based, in UTF-16 units, as a JavaScript string counts. */
  index: number
  /** From 1. */
  line: number
  /** From 1, in UTF-16 units. */
  column: number
}

/** An expression that has no value. In the payload stands null in its place. */
export interface ExpressionFailure {
  /** The path of the template string: `workflowInputs.labels[2]`. A key's is the path the key makes. */
  path: string
  /** The expression as written, without its braces. */
  expression: string
  /** jq's message, or which limit was exceeded. It can contain values of the context. */
  message: string
  /**
   * `error`: Port takes null for it too. `limit`: the expression was not evaluated to its end here, so that null is not
   * its value and the payload must not be sent; see {@link requireEvaluated}.
   */
  reason: FailureReason
  kind: FailureKind
  /** The template string that holds the expression. */
  text: string
  /** Where in `text` jq's message points to, else where the expression begins. */
  position: TextPosition
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
    kind: failure.kind,
    text,
    position: positionAt(text, start + offset),
  }
}

function positionAt(text: string, index: number): TextPosition {
  const before = text.slice(0, index)
  const lineStart = before.lastIndexOf('\n') + 1
  return { index, line: before.split('\n').length, column: index - lineStart + 1 }
}
