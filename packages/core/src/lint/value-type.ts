import { isJsonObject, type Json } from '../json.ts'

/** Whether a value has a type of JSON Schema. */
export function hasType(value: Json, type: string): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isJsonObject(value)
  return typeof value === type
}
