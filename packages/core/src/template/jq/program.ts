// Makes one jq program of many expressions, and finds the one that an error message of jq is about.
import type { Json } from '../../json.ts'
import { type Evaluation, failed, type JqFailure } from '../evaluation.ts'
import { isBalanced } from './is-balanced.ts'

/** As in Port. It comes first in every program. */
const emptyEnvironment = 'def env: {}; {} as $ENV | '

/**
 * What `env` and `$ENV` are: nothing, as in Port, or given. What is given stands in the document and not in the program,
 * so that no message about a program can quote it: see {@link withEnvironment}.
 */
export type EnvironmentKind = 'empty' | 'given'

const BINDINGS: Readonly<Record<EnvironmentKind, string>> = {
  empty: emptyEnvironment,
  given: '.[0] as $ENV | .[1] | def env: $ENV; ',
}

/** The document of a program whose environment is given. Both are JSON texts. */
export function withEnvironment(environment: string, document: string): string {
  return `[${environment},${document}]`
}

/** jq as a library reads nothing but the document, ends nothing but the expression, and searches nowhere. */
const isolation = [
  'def input: error("No more inputs");',
  'def inputs: empty;',
  'def input_filename: null;',
  'def input_line_number: null;',
  'def get_search_list: empty;',
  'def halt_error: halt;',
  'def halt_error(f): halt;',
  '',
].join(' ')

/**
 * Stands before a program for documents with numbers that jq, since 1.7, would keep as they are written in JSON and
 * write so where they become text. Port's binding hands JavaScript's numbers to jq 1.6, which writes 1e+20 where
 * JSON.stringify writes 100000000000000000000, and 1e-05 for 0.00001; jq 1.8 does so after arithmetic.
 */
export const shortNumbers = 'walk(if type == "number" then . + 0 else . end) | '

/** Whether a document can have such numbers; text that looks like one does no harm. */
export function hasLongNumbers(document: string): boolean {
  return /\d{17}|\de[+-]|0\.0000/.test(document)
}

/**
 * Whether an expression can share a program and a document with others. Those that end or read on
 * the process, or ask for their own line, are run by themselves.
 */
export function canShare(filter: string): boolean {
  return isBalanced(filter) && !notShared.test(filter)
}

// Port's own `.inputs` is a key and not jq's function.
const notShared =
  /(?<!\.)\b(?:halt|halt_error|input|inputs|input_filename|input_line_number|get_search_list|__loc__)\b/u

/** A program with one output for each expression: `[value]`, `[]` for none, or `{"e": error}`. */
export function sharedProgram(
  filters: readonly string[],
  environment: EnvironmentKind = 'empty',
): string {
  return BINDINGS[environment] + filters.map(caught).join('\n,')
}

/** The same for an expression that cannot share; it begins in the first line, as it does in Port. */
export function loneProgram(filter: string, environment: EnvironmentKind = 'empty'): string {
  return isolation + BINDINGS[environment] + caught(filter)
}

/** A program that is only compiled, to have jq's message about an expression just as it is written. */
export function checkProgram(filter: string): string {
  return emptyEnvironment + filter
}

/** Names that are bound here would be visible to the expression; `first`, `try` and `env` are jq's own. */
function caught(filter: string): string {
  // The second line break ends a comment that a backslash continues over the first.
  return `(try [first((${filter}\n\n))] catch {e:.})`
}

/** The indices of the expressions that jq's messages about a shared program point to. */
export function findRejected(filters: readonly string[], errors: string): number[] {
  const firstLines: number[] = []
  let line = 1
  for (const filter of filters) {
    firstLines.push(line)
    line += filter.split('\n').length + 2
  }
  const found = new Set<number>()
  for (const [, number] of errors.matchAll(/ at <top-level>, line (\d+)/gu)) {
    found.add(firstLines.findLastIndex((first) => first <= Number(number)))
  }
  found.delete(-1)
  return [...found]
}

/** What jq's messages about a {@link checkProgram} say. */
export function readRejection(filter: string, errors: string): JqFailure {
  const pattern = /^jq: error: ([\s\S]*?)(?: at <top-level>, line (\d+), column (\d+))?:?$/mu
  const [, message, line, column] = pattern.exec(errors) ?? []
  const failure: JqFailure = { ...failed('compile', message ?? errors).failure }
  if (line === undefined || column === undefined) return failure
  return { ...failure, offset: offsetAt(filter, Number(line), Number(column)) }
}

/** jq counts columns in bytes, from 1. */
function offsetAt(filter: string, line: number, column: number): number {
  const lines = checkProgram(filter).split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const bytes = Buffer.from(lines[line - 1] ?? '').subarray(0, column - 1)
  const offset = before + bytes.toString().length - emptyEnvironment.length
  return Math.max(0, Math.min(offset, filter.length))
}

const largest = /e\+?308/iu

/** One output of a shared program: `[value]`, `[]` for no output, or `{"e": error}`. */
export function readOutput(line: string, document: string): Evaluation {
  let output: Json[] | { e?: Json }
  try {
    output = JSON.parse(line)
  } catch {
    return failed('depth', 'The value is nested too deeply')
  }
  if (Array.isArray(output)) {
    const [value] = output
    if (value === undefined || !largest.test(line) || largest.test(document))
      return { type: 'value', value }
    // jq writes the largest number for an infinite one, which is null in Port's JSON.
    const finite = (_key: string, item: Json) =>
      typeof item === 'number' && Math.abs(item) === Number.MAX_VALUE ? null : item
    return { type: 'value', value: JSON.parse(JSON.stringify(value), finite) }
  }
  const { e: error = null } = output
  if (typeof error === 'string' && REGEX_LIMIT.test(error)) {
    return failed('steps', 'Its regular expression needs more steps for this text than jq takes')
  }
  return typeof error === 'string'
    ? failed('runtime', error)
    : notAString(`${JSON.stringify(error)} (not a string)`)
}

/** Oniguruma gives up where backtracking does not end; that of jq 1.6 does not. */
const REGEX_LIMIT = /^Regex failure: .*\blimit\b.* over$/

/** Port takes an error that is not a string for no output. */
function notAString(message: string): Evaluation {
  return { ...failed('runtime', message), value: undefined }
}
