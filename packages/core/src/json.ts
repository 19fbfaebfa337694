/** A value that JSON can express. Templates, trigger data and rendered payloads are of this type. */
export type Json = string | number | boolean | null | Json[] | JsonObject

/** A JSON object. */
export type JsonObject = { [key: string]: Json }

/** Whether a value is a JSON object, neither an array nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets a key as the object's own, `__proto__` too. */
export function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key !== '__proto__') {
    object[key] = value
    return
  }
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

/** Whether a value has a type of JSON Schema. */
export function hasType(value: Json, type: string): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isJsonObject(value)
  return typeof value === type
}

/** Deeper values would overflow the stack of whatever walks over them: documents, responses and templates. */
export const MAX_JSON_DEPTH = 1_000

/**
 * Looks at brackets and colons outside of strings, in time that grows with the length. What is not JSON gives any result.
 *
 * @returns how many keys it has up to where it becomes too deep, and where that is
 */
export function surveyJson(text: string): { pairs: number; tooDeepAt?: number } {
  let pairs = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === COLON) pairs++
    else if (code === OBJECT || code === ARRAY) {
      if (++depth > MAX_JSON_DEPTH) return { pairs, tooDeepAt: at }
    } else if (code === OBJECT_END || code === ARRAY_END) depth--
  }
  return { pairs }
}

const QUOTE = 0x22
const COLON = 0x3a
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const ARRAY = 0x5b
const ARRAY_END = 0x5d
const BACKSLASH = 0x5c

/** The index of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return at
  }
  return text.length
}
