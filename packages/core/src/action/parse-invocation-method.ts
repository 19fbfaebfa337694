import type * as v from 'valibot'
import type { Problem } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import { check, describe, notValid } from '../schema/check.ts'
import { object } from '../schema/schemas.ts'
import { suggest } from '../text/suggest.ts'
import type { ActionNote } from './action-note.ts'
import { definitionProblems } from './integration-action.ts'
import type { InvocationMethod, InvocationType, ListedMethod } from './invocation-method.ts'
import { METHOD_ENTRIES } from './method-entries.ts'
import { strayKeys } from './stray-keys.ts'
import { withActionType } from './with-action-type.ts'

/** That each gives what the hand-written interface says is what the type of this table checks. */
const SCHEMAS: {
  [Type in Exclude<InvocationType, 'INTEGRATION_ACTION'>]: v.GenericSchema<
    unknown,
    Extract<ListedMethod, { type: Type }>
  >
} & { INTEGRATION_ACTION: v.GenericSchema<unknown, { type: 'INTEGRATION_ACTION' }> } = {
  GITHUB: object(METHOD_ENTRIES.GITHUB),
  GITLAB: object(METHOD_ENTRIES.GITLAB),
  WEBHOOK: object(METHOD_ENTRIES.WEBHOOK),
  KAFKA: object(METHOD_ENTRIES.KAFKA),
  INTEGRATION_ACTION: object(METHOD_ENTRIES.INTEGRATION_ACTION),
  UPSERT_ENTITY: object(METHOD_ENTRIES.UPSERT_ENTITY),
  AZURE_DEVOPS: object(METHOD_ENTRIES.AZURE_DEVOPS),
  JENKINS: object(METHOD_ENTRIES.JENKINS),
  SLACK: object(METHOD_ENTRIES.SLACK),
}

export interface ParsedMethod {
  method: InvocationMethod
  notes: ActionNote[]
}

/** The type of a method whose fields are known, as it is written in definitions. */
export function isInvocationType(type: unknown): type is InvocationType {
  return typeof type === 'string' && Object.hasOwn(SCHEMAS, type)
}

/**
 * Checks an invocation method as Port stores it. Null means that an optional field is absent. A type that is not known
 * is taken as it is, with a note: Port adds types. Fields that a type does not have are noted, and refused where they
 * look like a misplaced or misspelled field.
 *
 * @param subject what is parsed, as the user knows it: `The action examples/deploy/action.json`
 * @param base path of the invocation method within the subject
 * @throws InputError with every problem
 */
export function parseInvocationMethod(
  value: unknown,
  subject = 'The invocation method',
  base: readonly (string | number)[] = [],
): ParsedMethod {
  if (!isJsonObject(value)) {
    const found = value === undefined || value === null ? 'is missing' : `found ${describe(value)}`
    throw notValid(subject, [
      { path: formatPath(base), found, expected: 'an invocation method, as an object' },
    ])
  }
  const { type } = value
  if (typeof type !== 'string' || type === '') {
    throw notValid(subject, [typeProblem(value, base)])
  }
  if (!isInvocationType(type)) {
    // Read from JSON or YAML, so it is JSON; its type is what `UnlistedType` stands for.
    return { method: value as unknown as InvocationMethod, notes: [unknownType(type)] }
  }
  const named = withActionType(value)
  const checked = check<unknown>(SCHEMAS[type], named, base)
  const { notes, problems } = strayKeys(type, named, Object.keys(METHOD_ENTRIES[type]))
  const all = [
    ...(checked.ok ? [] : checked.problems),
    ...[...problems, ...(type === 'INTEGRATION_ACTION' ? definitionProblems(named) : [])].map(
      (problem) => ({
        ...problem,
        path: [formatPath(base), problem.path].filter(Boolean).join('.'),
      }),
    ),
  ]
  if (!checked.ok || all.length > 0) throw notValid(subject, all)
  return { method: checked.output as InvocationMethod, notes }
}

function unknownType(type: string): ActionNote {
  const spelled = type.toUpperCase().replaceAll(/[^A-Z]+/g, '_')
  const meant = isInvocationType(spelled) ? spelled : suggest(spelled, Object.keys(SCHEMAS))
  const hint = meant === undefined ? '' : `. Port writes ${meant}`
  return {
    type: 'unknown-type',
    path: 'type',
    message: `unknown type ${JSON.stringify(type)} is rendered as it is${hint}`,
    ...(meant !== undefined && { meant }),
  }
}

/** What the fields say about the type, where there is none. */
const TELLING: readonly (readonly [InvocationType, readonly string[]])[] = [
  ['INTEGRATION_ACTION', ['integrationActionType', 'integration_action_type']],
  ['UPSERT_ENTITY', ['blueprintIdentifier', 'blueprint_identifier']],
  ['AZURE_DEVOPS', ['webhook']],
  ['GITLAB', ['projectName', 'project_name', 'groupName', 'group_name']],
  ['GITHUB', ['workflow', 'repo']],
  ['WEBHOOK', ['url']],
]

function typeProblem(value: JsonObject, base: readonly (string | number)[]): Problem {
  const path = formatPath([...base, 'type'])
  const supported = Object.keys(SCHEMAS).join(', ')
  if (value.type !== undefined && value.type !== null) {
    return { path, found: `found ${describe(value.type)}`, expected: `one of ${supported}` }
  }
  const guess = guessType(value)
  if (!guess) return { path, found: 'is missing', expected: `one of ${supported}` }
  return {
    path,
    found: 'is missing',
    expected: `one of ${supported}`,
    advice: `This looks like a method of type ${guess}, as a block of Terraform holds it: add "type": "${guess}"`,
  }
}

/** The type that the fields of a method without one speak for. */
export function guessType(value: JsonObject): InvocationType | undefined {
  return TELLING.find(([, keys]) => keys.some((key) => Object.hasOwn(value, key)))?.[0]
}
