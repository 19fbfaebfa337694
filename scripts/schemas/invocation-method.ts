// An invocation method, by its type. What is refused beyond the shape of the fields is read from the same tables as the
// parser reads it.
import { OWN, PROPERTY_ENTRIES, UNDER } from '../../packages/core/src/action/integration-action.ts'
import { METHOD_ENTRIES } from '../../packages/core/src/action/method-entries.ts'
import {
  ENTITY_FIELDS,
  MISPLACED,
  MISPLACED_PROPERTIES,
} from '../../packages/core/src/action/stray-keys.ts'
import { object } from '../../packages/core/src/schema/schemas.ts'
import { convert, type JsonSchema } from './convert.ts'

type Type = keyof typeof METHOD_ENTRIES

/** Definitions: `invocationMethod`, and one for each type. */
export function methodDefinitions(): Record<string, JsonSchema> {
  const types = Object.keys(METHOD_ENTRIES) as Type[]
  return {
    invocationMethod: {
      description:
        'What an action starts. Which fields it has depends on its type. A type that is not listed is accepted as it is.',
      type: 'object',
      properties: {
        type: {
          description: 'What is started.',
          anyOf: [{ enum: types }, { type: 'string', minLength: 1 }],
        },
      },
      required: ['type'],
      allOf: types.map((type) => ({
        if: { properties: { type: { const: type } }, required: ['type'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { $ref: `#/$defs/${type}` },
      })),
    },
    ...Object.fromEntries(types.map((type) => [type, ofType(type)])),
  }
}

function ofType(type: Type): JsonSchema {
  const fields = Object.keys(METHOD_ENTRIES[type])
  const known = type === 'INTEGRATION_ACTION' ? [...fields, ...OWN] : fields
  const schema = withRefusals(convert(object(METHOD_ENTRIES[type])), type, known, MISPLACED[type])
  if (type === 'UPSERT_ENTITY') return withMapping(schema)
  return type === 'INTEGRATION_ACTION' ? withProperties(schema) : schema
}

/** Keys that the parser refuses, because they look like a misplaced or misspelled field. Null means absent. */
function withRefusals(
  schema: JsonSchema,
  what: string,
  known: readonly string[],
  misplaced: Readonly<Record<string, string>> = {},
): JsonSchema {
  const others = Object.entries(misplaced).filter(([key]) => !known.includes(key))
  return {
    ...schema,
    properties: {
      ...(schema.properties as JsonSchema),
      ...Object.fromEntries(
        others.map(([key, advice]) => [
          key,
          { type: 'null', description: `Not a field of ${what}. ${advice}.` },
        ]),
      ),
    },
    patternProperties: Object.fromEntries(
      known.map((key) => [
        misspelled(key),
        { type: 'null', description: `Misspelled: write ${key}.` },
      ]),
    ),
  }
}

function withMapping(schema: JsonSchema): JsonSchema {
  const { properties } = schema as { properties: Record<string, JsonSchema> }
  const mapping = withRefusals(properties.mapping ?? {}, 'an entity', ENTITY_FIELDS)
  return { ...schema, properties: { ...properties, mapping } }
}

/** A name in another case, or with other separators: `workflow_inputs`, `ORG`. */
function misspelled(key: string): string {
  const letters = [...key].map((letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
  return `^(?!${key}$)[_-]*${letters.join('[_-]*')}[_-]*$`
}

/** The properties of the integrations for GitHub and GitLab, which stand beside the type or under their own key. */
function withProperties(schema: JsonSchema): JsonSchema {
  const { required: _, ...rest } = schema
  const TYPE_KEYS = ['integrationActionType', 'integrationInvocationType']
  return {
    ...rest,
    required: ['type'],
    // In the nodes of Port's workflows it has the second name.
    anyOf: TYPE_KEYS.map((key) => ({ required: [key] })),
    allOf: Object.entries(PROPERTY_ENTRIES).map(([name, entries]) => ({
      if: {
        anyOf: TYPE_KEYS.map((key) => ({
          properties: { [key]: { const: name } },
          required: [key],
        })),
      },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: {
        allOf: [
          ...refusalsOf(name, Object.keys(entries)),
          ...propertiesOf(convert(object(entries))),
        ],
      },
    })),
  }
}

/** In both places. */
function refusalsOf(name: string, known: readonly string[]): JsonSchema[] {
  const refusals = withRefusals({}, name, known, MISPLACED_PROPERTIES[name])
  return [refusals, { properties: { [UNDER]: refusals } }]
}

/** What stands under its own key counts, not what stands beside the type. */
function propertiesOf(schema: JsonSchema): JsonSchema[] {
  const { properties, required } = schema as { properties: JsonSchema; required: string[] }
  return Object.entries(properties).map(([key, property]) => {
    const under = (inner: JsonSchema) => ({ properties: { [UNDER]: inner }, required: [UNDER] })
    return {
      if: under({ type: 'object', required: [key] }),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: under({ properties: { [key]: property } }),
      else: {
        properties: { [key]: property },
        ...(required.includes(key) && { required: [key] }),
      },
    }
  })
}
