import * as v from 'valibot'
import { InputError, type Problem } from '../errors.ts'
import { formatPath } from '../path.ts'

/**
 * Checks a value against a schema.
 *
 * @param subject what is checked, as the user knows it, for the first line of the error
 * @param base path of the value within the subject
 * @throws InputError with every problem
 */
export function validate<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  subject: string,
  base: readonly (string | number)[] = [],
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new InputError(
    `${subject} is not valid:`,
    result.issues.map((issue) => toProblem(issue, base)),
  )
}

function toProblem(issue: v.BaseIssue<unknown>, base: readonly (string | number)[]): Problem {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  return { path: formatPath([...base, ...path]), found: describe(issue) }
}

/** The message of each schema says what it expects, so that all refusals read alike. */
function describe({ input, type, message }: v.BaseIssue<unknown>): string {
  // A required key that is not there is the object's issue, whose message knows nothing of the key.
  if (type.endsWith('object') || type === 'object_with_rest') {
    return input === undefined ? 'is missing' : `found ${found(input)}; expected an object`
  }
  return input === undefined
    ? `is missing; expected ${message}`
    : `found ${found(input)}; expected ${message}`
}

function found(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57).toWellFormed()}…` : text
}
