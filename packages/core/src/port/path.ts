import { InputError, type Setting } from '../errors.ts'
import { identifierProblem } from '../run/run-id.ts'

/** What an identifier in a path is, as people and settings know it. */
export interface Identifier {
  /** `Port run ID`, `blueprint`. */
  name: string
  value: string
  setting?: Setting
  /** Which of them it can hold. */
  slashes?: '\\' | '/\\'
}

export function runIdentifier(value: string): Identifier {
  return { name: 'run ID', value, setting: 'runId' }
}

export function actionIdentifier(value: string): Identifier {
  return { name: 'action', value, setting: 'action' }
}

/**
 * Writes a path, with each identifier as one segment, without the blanks around it.
 *
 * @throws InputError naming an identifier that would not be one segment: `..`, or one with a slash that cannot hold any
 */
export function path(strings: TemplateStringsArray, ...identifiers: Identifier[]): string {
  return strings.reduce((start, text, index) => {
    const identifier = identifiers[index - 1]
    return start + (identifier ? encodeURIComponent(checked(identifier)) : '') + text
  })
}

/**
 * @returns the identifier without the blanks around it
 * @throws InputError if it would not be one segment of a path
 */
export function checked({ name, value, setting: of, slashes }: Identifier): string {
  const text = typeof value === 'string' ? value.trim() : ''
  const problem = identifierProblem(text, slashes)
  if (!problem) return text
  throw new InputError(`This is not a valid ${name}:`, [
    { ...(of ? { setting: of } : { path: name }), found: problem },
  ])
}
