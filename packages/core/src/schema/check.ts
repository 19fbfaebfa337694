import * as v from 'valibot'
import { InputError, type Problem } from '../errors.ts'
import { formatPath } from '../path.ts'
import { suggest } from '../text/suggest.ts'
import { UNKNOWN_KEY } from './schemas.ts'

export type Checked<T> = { ok: true; output: T } | { ok: false; problems: Problem[] }

/**
 * Checks a value against a schema.
 *
 * @param base path of the value within what was read
 */
export function check<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  base: readonly (string | number)[] = [],
): Checked<T> {
  const result = v.safeParse(schema, value)
  if (result.success) return { ok: true, output: result.output }
  return { ok: false, problems: result.issues.map((issue) => toProblem(issue, base)) }
}

/**
 * Checks a value against a schema.
 *
 * @param subject what is checked, as the user knows it, for the first line of the error
 * @param base path of the value within the subject
 * @throws InputError with every problem
 */
export function validate<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  subject: string,
  base: readonly (string | number)[] = [],
): T {
  const checked = check(schema, value, base)
  if (checked.ok) return checked.output
  throw notValid(subject, checked.problems)
}

/** @param subject what is not valid, as the user knows it: `The action a.json` */
export function notValid(subject: string, problems: readonly Problem[]): InputError {
  return new InputError(`${subject} is not valid:`, problems)
}

function toProblem(issue: v.BaseIssue<unknown>, base: readonly (string | number)[]): Problem {
  const segments = (issue.path ?? []).map(({ key }) =>
    typeof key === 'number' ? key : String(key),
  )
  const path = formatPath([...base, ...segments])
  const { input, type, message } = issue
  if (type === UNKNOWN_KEY) {
    const meant = suggest(String(segments.at(-1)), namesIn(issue))
    const advice = meant === undefined ? {} : { advice: `Did you mean ${meant}?` }
    return { path, found: 'is not a field', expected: message, ...advice }
  }
  if (type === 'values') {
    const meant = suggest(String(input), namesIn(issue))
    const advice = meant === undefined ? {} : { advice: `Did you mean ${meant}?` }
    return { path, found: `found ${describe(input)}`, expected: message, ...advice }
  }
  // A required key that is not there is the object's issue, whose message knows nothing of the key.
  if (input === undefined && type.endsWith('object')) return { path, found: 'is missing' }
  const found = input === undefined ? 'is missing' : `found ${describe(input)}`
  return { path, found, expected: message }
}

/** The names of which one was expected. */
function namesIn({ requirement }: v.BaseIssue<unknown>): string[] {
  return Array.isArray(requirement) ? requirement.map(String) : []
}

/** A value in few words, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57).toWellFormed()}…` : text
}
