// The schemas that action definitions are made of. The message of each says what it expects.
import * as v from 'valibot'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'

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

/** A flag as actions are stored: a boolean or a template. */
export const flagTemplate = v.union([v.boolean(), v.string()], 'true, false or a template')

/** A flag after rendering: a boolean, or a string that says one. */
export const renderedFlag = v.pipe(
  v.union([v.boolean(), v.literal('true'), v.literal('false')], 'true or false'),
  v.transform((flag) => flag === true || flag === 'true'),
)

/** An object with these entries, in which null means that an optional entry is absent. Other keys stay. */
export function object<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<unknown, v.InferOutput<v.ObjectSchema<Entries, string>>> {
  // Inference stops at generic entries; what this schema gives is what the return type says.
  const loose: v.GenericSchema<unknown, unknown> = v.looseObject(entries, 'an object')
  const schema: v.GenericSchema<unknown, unknown> = v.pipe(
    jsonObject,
    v.transform((value): unknown => withoutNulls(value, entries)),
    loose,
  )
  return schema as ReturnType<typeof object<Entries>>
}

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
