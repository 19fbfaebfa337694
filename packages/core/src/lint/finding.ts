import type { Phrase } from '../errors.ts'

/**
 * `error`: Port, GitHub or GitLab refuses it, or the run certainly does not work. `warning`: probably a mistake. `info`:
 * advice.
 */
export type Severity = 'error' | 'warning' | 'info'

/** A place in a document: the keys and indices that lead to it. */
export type Path = readonly (string | number)[]

/** A half-open range of a string, in UTF-16 units. */
export interface TextSpan {
  index: number
  length: number
}

/** A place in the text of a file. Lines and columns count from 1. */
export interface Position {
  line: number
  column: number
  endLine: number
  endColumn: number
}

/** What a rule has found. */
export interface Finding {
  /** Id of the rule: `unknown-path`. */
  rule: string
  severity: Severity
  /** The file, as it was named to {@link lint}. */
  file: string
  /** Identifier of the action, if it has one. */
  action?: string
  path: Path
  /** Whether it is about the key at the path, and not about its value. */
  isKey?: true
  /** Where in the string at the path, or in its key. */
  span?: TextSpan
  /** A sentence without its full stop. */
  message: Phrase
  /** What to do, likewise. */
  advice?: Phrase
  /** Where it is in the text of the file. Added by whoever has the text. */
  position?: Position
}

/** A finding as a rule makes it. */
export interface Draft extends Omit<Finding, 'rule' | 'severity' | 'file' | 'action' | 'position'> {
  /** Where it is less or more severe than the rule says. */
  severity?: Severity
  /** The file of the workflow or pipeline, if it is not about the action. */
  file?: string
}

/** One kind of mistake. */
export interface Rule<Subject> {
  id: string
  /** What it usually is. */
  severity: Severity
  /** What it looks for, in a sentence. */
  summary: string
  check: (subject: Subject) => Iterable<Draft>
}

/** The key `lint` of `port-dispatch.yml`. */
export interface LintConfig {
  /** The severity of a rule, or `off`. */
  rules?: Readonly<Record<string, Severity | 'off'>>
  /** Findings that are right as they are. */
  ignore?: readonly LintException[]
}

/** A rule that does not hold for an action, a file, or both. */
export interface LintException {
  rule: string
  /** Identifier of the action. */
  action?: string
  /** Path of the file, or its last parts. */
  file?: string
  /** Why, for people. */
  reason?: string
}
