import type { Json } from '../json.ts'
import type { ExpressionFailure } from './expression-failure.ts'
import type { TemplateError } from './template-error.ts'

/** Something that Port does silently and that is often not meant. */
export interface RenderNote {
  type: /** A key was null, empty or had no output, so its pair was left out. */
    | 'dropped-key'
    /** A spread value was null, so nothing was spread. Port's own code crashes there. */
    | 'null-spread'
    /** A spread value was an array, so its indices became keys. */
    | 'array-spread'
    /** A value had no output, so its pair was left out of the object. */
    | 'no-output'
  /** Where in the template, as in {@link ExpressionFailure}. */
  path: string
  message: string
}

/** A rendered template. */
export interface RenderResult {
  /** The payload. Undefined only if the template is one expression that has no output. */
  value: Json | undefined
  /** The expressions that failed and whose value is therefore null, in the order of the template. */
  failures: ExpressionFailure[]
  notes: RenderNote[]
}

/** One of many renderings: a result, or why this context could not be rendered. */
export type RenderOutcome =
  | { type: 'rendered'; result: RenderResult }
  | { type: 'failed'; error: TemplateError }

/** Limits on what a template may use. */
export interface RenderOptions {
  /** Milliseconds that the expressions of one payload may take together. Default 1000. */
  timeLimit?: number
}
