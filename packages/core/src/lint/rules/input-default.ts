import { INPUT_TYPES } from '../../action/definition-entries.ts'
import type { Json, JsonObject } from '../../json.ts'
import { hasType } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { UserInput } from '../subject.ts'
import { isStatic } from './input-definition.ts'

const TYPES: readonly string[] = INPUT_TYPES

export const inputDefault: Rule<Lintee> = {
  id: 'input-default',
  severity: 'error',
  summary: 'The default of a user input has its type, is in its enum and keeps its limits',
  *check({ subject }) {
    for (const input of subject.inputs?.values() ?? []) {
      const { name, path, definition } = input
      const { default: value } = definition
      if (!isStatic(value) || value === null) continue
      const problem = problemOf(value, input)
      if (problem) {
        yield {
          path: [...path, 'default'],
          message: `The default of ${name} ${problem.found}`,
          ...(problem.advice !== undefined && { advice: problem.advice }),
        }
      }
    }
    for (const { name, path, definition, isAlwaysSet } of subject.inputs?.values() ?? []) {
      const isRequired =
        Array.isArray(subject.userInputs?.required) && subject.userInputs.required.includes(name)
      if (!isRequired || !isAlwaysSet || definition.visible !== false) continue
      if (definition.default !== undefined) continue
      yield {
        path: [...path, 'visible'],
        severity: 'warning',
        message: `The user input ${name} is required and never visible, and has no default, so that the form cannot be sent`,
      }
    }
  },
}

interface Found {
  found: string
  advice?: string | undefined
}

function problemOf(value: Json, { type, values, definition }: UserInput): Found | undefined {
  const text = JSON.stringify(value)
  if (type === undefined || !TYPES.includes(type)) return undefined
  if (!hasType(value, type)) {
    const advice =
      type === 'number' &&
      typeof value === 'string' &&
      Number.isFinite(Number(value)) &&
      value.trim() !== ''
        ? `Write it without quotes: ${Number(value)}`
        : type === 'boolean' && (value === 'true' || value === 'false')
          ? `Write it without quotes: ${value}`
          : undefined
    return { found: `is ${shown(text)}, but its type is ${type}`, advice }
  }
  if (values && !values.some((each) => JSON.stringify(each) === text)) {
    const meant =
      typeof value === 'string'
        ? suggest(
            value,
            values.filter((each) => typeof each === 'string'),
          )
        : undefined
    return {
      found: `is ${shown(text)}, which is not in its enum: ${values.map((each) => JSON.stringify(each)).join(', ')}`,
      advice: meant === undefined ? undefined : `Did you mean ${JSON.stringify(meant)}?`,
    }
  }
  return limits(value, definition)
}

function limits(value: Json, definition: JsonObject): Found | undefined {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = definition
  const size =
    typeof value === 'number'
      ? value
      : typeof value === 'string'
        ? [...value].length
        : Array.isArray(value)
          ? value.length
          : 0
  const [least, most, what] =
    typeof value === 'number'
      ? [minimum, maximum, 'mum']
      : typeof value === 'string'
        ? [minLength, maxLength, 'Length']
        : Array.isArray(value)
          ? [minItems, maxItems, 'Items']
          : [undefined, undefined, '']
  const text = shown(JSON.stringify(value))
  if (typeof least === 'number' && size < least) {
    return {
      found: `is ${text}, below its ${what === 'mum' ? 'minimum' : `min${what}`} of ${least}`,
    }
  }
  if (typeof most === 'number' && size > most) {
    return {
      found: `is ${text}, above its ${what === 'mum' ? 'maximum' : `max${what}`} of ${most}`,
    }
  }
  if (typeof value === 'string' && typeof pattern === 'string' && !matches(value, pattern)) {
    return { found: `is ${text}, which does not match its pattern ${pattern}` }
  }
  return undefined
}

function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    // What is not a pattern is reported as such.
    return true
  }
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57).toWellFormed()}…` : text
}
