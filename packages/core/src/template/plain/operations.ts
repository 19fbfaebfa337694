// The few operations of jq that plain expressions need, with jq 1.8's results and error messages.
import { isJsonObject, type Json } from '../../json.ts'

/** An expression ended in an error; the message is jq's. */
export class JqRuntimeError extends Error {
  override readonly name = 'JqRuntimeError'
}

/** `value[key]`: null for what is missing, and for everything in null. */
export function indexValue(value: Json, key: string | number): Json {
  if (value === null) return null
  if (typeof key === 'string' && isJsonObject(value)) {
    return Object.hasOwn(value, key) ? (value[key] ?? null) : null
  }
  if (typeof key === 'number' && Array.isArray(value)) return value.at(key) ?? null
  throw new JqRuntimeError(`Cannot index ${typeName(value)} with ${typeName(key)} (${dump(key)})`)
}

/** `value | has(key)` for a string key. */
export function hasKey(value: Json, key: string): boolean {
  if (value === null) return false
  if (isJsonObject(value)) return Object.hasOwn(value, key)
  throw new JqRuntimeError(`Cannot check whether ${typeName(value)} has a string key`)
}

/** Whether jq takes a value for true: everything but null and false. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

const maxDumpBytes = 29
const cutMark = '..."'

/** A key as jq's messages show it: JSON, cut after 29 bytes. */
function dump(key: string | number): string {
  // Unlike JSON.stringify, jq escapes DEL.
  const json = JSON.stringify(key).replaceAll('\u007f', '\\u007f')
  if (Buffer.byteLength(json) <= maxDumpBytes) return json
  let cut = ''
  let bytes = 0
  for (const char of json) {
    bytes += Buffer.byteLength(char)
    if (bytes > maxDumpBytes - cutMark.length) break
    cut += char
  }
  return cut + cutMark
}
