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

/** Whatever else a definition holds: read from JSON or YAML, so it is JSON. */
export const anyJson = v.custom<Json>((input) => input !== undefined, 'a JSON value')

/** A flag as actions are stored: a boolean or a template. */
export const flagTemplate = v.union([v.boolean(), v.string()], 'true, false or a template')

/** A flag after rendering: a boolean, or a string that says one. */
export const renderedFlag = v.pipe(
  v.union([v.boolean(), v.literal('true'), v.literal('false')], 'true or false'),
  v.transform((flag) => flag === true || flag === 'true'),
)
