import type { Json, JsonObject } from '@port-dispatch/core'

/** Workflow inputs and pipeline variables are strings: strings stay as they are, everything else becomes JSON. */
export function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Applies {@link toText} to each value of an object. */
export function valuesToText(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toText(value)]))
}
