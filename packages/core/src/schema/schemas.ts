// What the schemas of everything that people write are made of. The message of each says what it expects.
import * as v from 'valibot'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** Says what a value is for, and gives examples of it. Shown by editors that know the JSON Schema. */
export function described<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  description: string,
  ...examples: readonly Json[]
) {
  const metadata = { description, ...(examples.length > 0 && { examples: [...examples] }) }
  return v.pipe(schema, v.metadata(metadata))
}

/** A string with something in it. */
export const text = v.pipe(v.string('a string'), v.nonEmpty('a string that is not empty'))

/** A string, which may be empty. */
export const anyText = v.string('a string')

/** File name or id of a workflow. */
export const workflowName = v.union([text, v.number()], 'a file name or an id')

/** A JSON object, unlike valibot's `record`, which takes arrays too. */
export const jsonObject = v.custom<JsonObject>(isJsonObject, 'an object')

/** An object or an array, as the `payload` of KAFKA and the `body` of WEBHOOK may be. */
export const jsonContainer = v.custom<JsonObject | Json[]>(
  (input) => typeof input === 'object' && input !== null,
  'an object or an array',
)

/** Where an invocation method stands, which is parsed by its type: see `parseInvocationMethod`. */
export const anyInvocationMethod = v.any()

/** A flag as actions are stored: a boolean or a template. */
export const flagTemplate = v.union([v.boolean(), v.string()], 'true, false or a template')

/** A flag after rendering: a boolean, or a string that says one. */
export const renderedFlag = v.pipe(
  v.union([v.boolean(), v.literal('true'), v.literal('false')], 'true or false'),
  v.transform((flag) => flag === true || flag === 'true'),
)

/** What an object gives, with the types of its entries. */
type ObjectOf<Entries extends v.ObjectEntries> = v.GenericSchema<
  unknown,
  v.InferOutput<v.ObjectSchema<Entries, string>>
>

/**
 * An object with these entries, in which null means that an optional entry is absent.
 *
 * @param others whether other keys stay, or are refused
 */
export function object<const Entries extends v.ObjectEntries>(
  entries: Entries,
  others: 'kept' | 'refused' = 'kept',
): ObjectOf<Entries> {
  const loose = v.looseObject(entries, 'an object')
  const names = Object.keys(entries)
  const unknownKey = { ...loose, type: UNKNOWN_KEY, message: names.join(', '), requirement: names }
  const schema: v.GenericSchema<unknown, unknown> = {
    ...loose,
    // Read by what makes JSON Schema of it.
    ...{ others },
    '~run'(dataset, config) {
      const input = dataset.value
      if (!isJsonObject(input)) {
        v._addIssue(loose, 'type', dataset, config)
        return failed(dataset)
      }
      const checked = loose['~run']({ value: withoutNulls(input, entries) }, config)
      for (const key of others === 'refused' ? Object.keys(input) : []) {
        // Editors look for the JSON Schema there.
        if (Object.hasOwn(entries, key) || key === '$schema') continue
        const path = { type: 'object', origin: 'key', input, key, value: input[key] } as const
        v._addIssue(unknownKey, 'key', checked, config, { input: input[key], path: [path] })
      }
      return checked
    },
  }
  // Inference stops at generic entries; what this schema gives is what the return type says.
  return schema as ObjectOf<Entries>
}

/**
 * An object of values of one kind. Unlike valibot's `record`, not an array.
 *
 * @param key what names are accepted, by default any
 */
export function recordOf<Item extends v.GenericSchema<unknown, unknown>>(
  item: Item,
  key: v.GenericSchema<unknown, string> = v.string(),
): v.GenericSchema<unknown, Record<string, v.InferOutput<Item>>> {
  const record = v.record(key as v.GenericSchema<string, string>, item, 'an object')
  const schema: v.GenericSchema<unknown, unknown> = {
    ...record,
    '~run'(dataset, config) {
      if (isJsonObject(dataset.value)) return record['~run'](dataset, config)
      v._addIssue(record, 'type', dataset, config)
      return failed(dataset)
    },
  }
  return schema as v.GenericSchema<unknown, Record<string, v.InferOutput<Item>>>
}

/** A dataset to which an issue was added, which its type does not say. */
function failed(dataset: unknown): v.OutputDataset<unknown, v.BaseIssue<unknown>> {
  return dataset as v.OutputDataset<unknown, v.BaseIssue<unknown>>
}

/** The type of the issue of a key that an object does not have. */
export const UNKNOWN_KEY = 'unknown_key'

function withoutNulls(value: JsonObject, entries: v.ObjectEntries): JsonObject {
  const kept = Object.entries(value).filter(([key, item]) => {
    if (item !== null) return true
    const type = Object.hasOwn(entries, key) ? entries[key]?.type : undefined
    return type !== 'optional' && type !== 'exact_optional'
  })
  return Object.fromEntries(kept)
}

/**
 * A name that becomes part of an address. Names are names: none of them can lead to another place, as `..` and a slash
 * would.
 *
 * @param what the noun for messages: `the name of a repository`
 */
export function name(what: string) {
  return v.pipe(v.string(`${what}, as a string`), v.check(isName, what))
}

/** An id of Port, which becomes part of an address. Blanks around it do not count. */
export function id(what: string) {
  return v.pipe(
    v.string(`${what}, as a string`),
    v.transform((value) => value.trim()),
    v.check(isName, what),
  )
}

/** Names with `/` between them: `group/subgroup`. */
export function namesWithSlashes(what: string) {
  return v.pipe(
    v.string(what),
    v.check((value) => value.split('/').every(isName), what),
  )
}

/** A whole number above zero, as ids are, or its digits. */
export const numericId = v.union([
  v.pipe(
    v.number(),
    v.check((id) => Number.isSafeInteger(id) && id > 0),
  ),
  v.pipe(v.string(), v.regex(/^[1-9]\d*$/)),
])

function isName(value: string): boolean {
  // `%` could be decoded once too often on the way, `?` and `#` end a path.
  return !/^\.{0,2}$|^\s|\s$|[/\\?#%\p{Cc}]/u.test(value)
}
