import type { Json } from '../json.ts'
import type { ExpressionFailure } from './expression-failure.ts'
import type { JqPool } from './jq/pool.ts'
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
    /** jq 1.6, on which Port's published binding is built, does not make the same of an expression. */
    | 'jq-version'
    /** An expression is null because its path names a key that is not there. */
    | 'missing-key'
  /** Where in the template, as in {@link ExpressionFailure}. */
  path: string
  message: string
}

/** A rendered template. */
export interface RenderResult {
  /** The payload. Undefined only if the template is one expression that has no output. */
  value: Json | undefined
  /** The expressions that have no value and stand as null in the payload, in the order of the template. */
  failures: ExpressionFailure[]
  notes: RenderNote[]
}

/** One of many renderings: a result, or why this context could not be rendered. */
export type RenderOutcome =
  | { type: 'rendered'; result: RenderResult }
  | { type: 'failed'; error: TemplateError }

export interface RenderOptions {
  /**
   * Milliseconds of CPU time that the expressions of one payload may take together, jq's start and waiting excluded.
   * Default 1000.
   */
  timeout?: number
  /**
   * `1.6`: note what jq 1.6, on which Port's published binding is built, does not accept or reads otherwise. The results
   * are the same with `off`. Default `1.6`.
   */
  jqCompat?: '1.6' | 'off'
  /**
   * Which expressions that are null because a key is not there get a note: those with a name that is like one that is
   * there, or all. Default `misspelled`, because optional inputs are missing wherever nobody filled them in.
   */
  missingKeys?: 'misspelled' | 'all'
  /** The threads that run jq. Default: a pool that everything in this process shares. */
  pool?: JqPool
}
