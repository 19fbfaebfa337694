import { isJsonObject, type Json, type JsonObject, setOwn } from '../json.ts'

/**
 * A deep copy, as the value would come out of jq: a payload never shares an object with its context
 * or its template. Negative zero becomes zero and half of a surrogate pair the replacement character.
 */
export function copyJson(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(copyJson)
  if (!isJsonObject(value)) return value
  const copy: JsonObject = {}
  for (const key of Object.keys(value))
    setOwn(copy, key.toWellFormed(), copyJson(value[key] ?? null))
  return copy
}
