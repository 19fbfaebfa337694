import { INPUT_TYPES, USER_INPUT_ENTRIES } from '../../action/definition-entries.ts'
import { hasType, isJsonObject, type Json, type JsonObject } from '../../json.ts'
import { suggest } from '../../text/suggest.ts'
import type { Draft, Path, Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'
import type { Subject, UserInput } from '../subject.ts'

const TYPES: readonly string[] = INPUT_TYPES
const OTHER_TYPES: Readonly<Record<string, string>> = {
  text: 'string',
  integer: 'number',
  int: 'number',
  bool: 'boolean',
  list: 'array',
  json: 'object',
}

export const inputDefinition: Rule<Lintee> = {
  id: 'input-definition',
  severity: 'error',
  summary:
    'Each user input has a type and fields that Port knows, and values and a pattern that fit it',
  *check({ subject }) {
    for (const input of subject.inputs?.values() ?? []) {
      yield* typeOf(input)
      yield* values(input)
      yield* pattern(input)
      yield* fields(input)
      yield* encryption(input, subject)
    }
  },
}

function* typeOf({ name, path, type, definition }: UserInput): Generator<Draft> {
  if (type === undefined) {
    // Schemas without a type are combinations of others.
    if (['anyOf', 'oneOf', 'allOf', '$ref', 'type'].some((key) => isJsonObject(definition[key])))
      return
    if (Object.hasOwn(definition, 'anyOf') || Object.hasOwn(definition, 'oneOf')) return
    const found =
      definition.type === undefined
        ? 'has no type'
        : `has the type ${JSON.stringify(definition.type)}`
    yield {
      path,
      isKey: true,
      message: `The user input ${name} ${found}; expected one of ${TYPES.join(', ')}`,
    }
    return
  }
  if (TYPES.includes(type)) return
  const meant = OTHER_TYPES[type.toLowerCase()] ?? suggest(type, TYPES)
  yield {
    path: [...path, 'type'],
    message: `${JSON.stringify(type)} is not a type of user inputs; expected one of ${TYPES.join(', ')}`,
    ...(meant !== undefined && { advice: `Did you mean "${meant}"?` }),
  }
}

function* values({ name, path, type, definition, values: all }: UserInput): Generator<Draft> {
  if (!all || type === undefined || !TYPES.includes(type)) return
  const seen = new Set<string>()
  for (const [index, value] of all.entries()) {
    const at = [...path, 'enum', index]
    if (!hasType(value, type)) {
      yield {
        path: at,
        message: `The enum of ${name} has ${JSON.stringify(value)}, which is not of the type ${type}`,
      }
    }
    const text = JSON.stringify(value)
    if (seen.has(text)) {
      yield { path: at, severity: 'warning', message: `The enum of ${name} has ${text} twice` }
    }
    seen.add(text)
  }
  const { enumColors } = definition
  for (const key of isJsonObject(enumColors) ? Object.keys(enumColors) : []) {
    if (all.some((value) => String(value) === key)) continue
    yield {
      path: [...path, 'enumColors', key],
      isKey: true,
      severity: 'info',
      message: `enumColors has ${JSON.stringify(key)}, which is not in the enum of ${name}`,
    }
  }
}

function* pattern({ name, path, definition }: UserInput): Generator<Draft> {
  const { pattern: written } = definition
  if (typeof written !== 'string') return
  try {
    // Port's forms compile it as JSON Schema has it.
    new RegExp(written, 'u')
  } catch {
    try {
      new RegExp(written)
    } catch (error) {
      yield {
        path: [...path, 'pattern'],
        message: `The pattern of ${name} is not a regular expression: ${reason(error)}`,
      }
    }
  }
}

const FIELDS = Object.keys(USER_INPUT_ENTRIES)

/** Fields that are near to another one, and the one that a format needs. */
function* fields({ name, path, definition }: UserInput): Generator<Draft> {
  for (const key of Object.keys(definition)) {
    const meant = FIELDS.includes(key) ? undefined : suggest(key, FIELDS)
    if (meant === undefined || Object.hasOwn(definition, meant)) continue
    yield {
      path: [...path, key],
      isKey: true,
      severity: 'warning',
      message: `${key} is not a field of a user input and has no effect`,
      advice: `Did you mean ${meant}?`,
    }
  }
  const { items } = definition
  const below: [JsonObject, Path][] = [[definition, path]]
  if (isJsonObject(items)) below.push([items, [...path, 'items']])
  for (const [schema, at] of below) {
    // The blueprint of a list can stand beside its items.
    const { format, blueprint = definition.blueprint } = schema
    if (format !== 'entity' || (blueprint !== undefined && blueprint !== '')) continue
    yield {
      path: [...at, 'format'],
      message: `The user input ${name} chooses an entity, and has no blueprint to choose it from`,
      advice: 'Add "blueprint": with the identifier of the blueprint',
    }
  }
}

/** https://docs.port.io/actions-and-automations/create-self-service-experiences/setup-ui-for-action/user-inputs/secret */
function* encryption(
  { name, path, definition }: UserInput,
  { methodType }: Subject,
): Generator<Draft> {
  const { encryption: written } = definition
  const at = [...path, 'encryption']
  if (written === undefined || written === null) return
  if (!isJsonObject(written) && written !== 'aes256-gcm') {
    yield {
      path: at,
      severity: 'warning',
      message: `The encryption of ${name} is ${JSON.stringify(written)}, which Port does not have`,
      advice: 'Write "aes256-gcm"',
    }
  }
  if (methodType === 'INTEGRATION_ACTION') {
    yield {
      path: at,
      isKey: true,
      severity: 'warning',
      message: `Port does not support secret user inputs, such as ${name}, in an INTEGRATION_ACTION`,
      advice: 'Use another type of invocation method, or keep the secret where the work runs',
    }
  }
}

function reason(error: unknown): string {
  return String(error).replace(/^SyntaxError: Invalid regular expression: \/.*\/\w*: /s, '')
}

export function isStatic(value: Json | undefined): value is Json {
  return value !== undefined && !(isJsonObject(value) && 'jqQuery' in value)
}
