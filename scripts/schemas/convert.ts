// Makes JSON Schema of the schemas that parse what people write.
import { toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import { jsonContainer, jsonObject } from '../../packages/core/src/schema/schemas.ts'

export type JsonSchema = { [keyword: string]: unknown }

/** Schemas that stand for a definition of the result: `#/$defs/lint`. */
export type References = ReadonlyMap<unknown, string>

/** @param references schemas that are definitions of their own */
export function convert(
  schema: v.GenericSchema<unknown, unknown>,
  references: References = new Map(),
): JsonSchema {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    errorMode: 'throw',
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      override(valibotSchema, jsonSchema as JsonSchema, references) as never,
  })
  return converted
}

function override(
  schema: { type: string; others?: unknown },
  converted: JsonSchema,
  references: References,
): JsonSchema | undefined {
  const reference = references.get(schema)
  if (reference !== undefined) return { $ref: `#/$defs/${reference}` }
  // Its functions cannot be converted; these are all that there are.
  if (same(schema, jsonObject)) return { type: 'object' }
  if (same(schema, jsonContainer)) return { type: ['object', 'array'] }
  switch (schema.type) {
    case 'custom':
      throw new Error('A schema with a function of its own cannot be converted')
    case 'exact_optional':
    case 'optional':
      // Null means that it is absent.
      return nullable(converted)
    case 'union':
      return mergedTypes(converted)
    case 'record':
      return withoutTrivialNames(converted)
    case 'loose_object':
      return closed(converted, schema.others === 'refused')
    default:
      return undefined
  }
}

function same(schema: unknown, other: unknown): boolean {
  return schema === other
}

function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: values, $ref, anyOf } = schema
  if (Array.isArray(values))
    return { ...schema, type: [type, 'null'].flat(), enum: [...values, null] }
  if (type !== undefined) return { ...schema, type: [type, 'null'].flat() }
  // Anything is null too.
  if ($ref === undefined && anyOf === undefined) return schema
  const { description, examples, ...rest } = schema
  const alternatives = Array.isArray(anyOf) ? anyOf : [rest]
  return {
    ...(description !== undefined && { description }),
    ...(examples !== undefined && { examples }),
    anyOf: [...alternatives, { type: 'null' }],
  }
}

/** `anyOf` of types alone is a list of types. */
function mergedTypes(schema: JsonSchema): JsonSchema {
  const options = schema.anyOf as JsonSchema[]
  const isTypeOnly = (option: JsonSchema) => Object.keys(option).join() === 'type'
  if (!options.every(isTypeOnly)) return schema
  const { anyOf: _, ...rest } = schema
  return { ...rest, type: options.flatMap(({ type }) => type) }
}

function withoutTrivialNames(schema: JsonSchema): JsonSchema {
  const { propertyNames, ...rest } = schema
  return JSON.stringify(propertyNames) === '{"type":"string"}' ? rest : schema
}

function closed(schema: JsonSchema, refusesOthers: boolean): JsonSchema {
  const { required, ...rest } = schema
  return {
    ...rest,
    ...((required as string[]).length > 0 && { required }),
    ...(refusesOthers && { additionalProperties: false }),
  }
}
