import { isJsonObject, type Json, type JsonObject, PortDispatchError } from '@port-dispatch/core'
import type { Evaluation, JqPrograms } from '@port-dispatch/core/template'

/**
 * Puts what its programs come to in the place of the strings of a value. An object in an object that holds nothing is
 * left out, as Port's agent does.
 *
 * @returns null for a program that fails or has no output, with a note
 * @throws PortDispatchError (`LIMIT`) if a program was not evaluated to its end
 */
export async function evaluated(
  value: JsonObject,
  programs: JqPrograms,
  input: Json,
  index: number,
): Promise<{ value: JsonObject; notes: string[] }> {
  const lookUp = await programs.evaluate(input)
  const notes: string[] = []
  const walk = (item: Json, path: string): Json => {
    if (Array.isArray(item)) return item.map((each, at) => walk(each, `${path}[${at}]`))
    if (isJsonObject(item)) {
      const kept = Object.entries(item).filter(([, inner]) => !isEmpty(inner))
      return Object.fromEntries(kept.map(([key, inner]) => [key, walk(inner, `${path}.${key}`)]))
    }
    if (typeof item !== 'string') return item
    const result = resultOf(lookUp(item), index, path)
    if (result.failed) notes.push(`${result.place} failed in jq, so that null stands there.`)
    return result.value
  }
  const entries = Object.entries(value).map(([key, item]) => [key, walk(item, key)])
  return { value: Object.fromEntries(entries), notes }
}

/** Whether an object holds nothing but objects that hold nothing. */
function isEmpty(value: Json): boolean {
  return isJsonObject(value) && Object.values(value).every(isEmpty)
}

/** What a program came to; null if it failed. */
export function resultOf(
  evaluation: Evaluation,
  index: number,
  path: string,
): { value: Json; failed: boolean; place: string } {
  const place = `${path} of entry ${index} of the mapping file`
  if (evaluation.type === 'value') return { value: evaluation.value ?? null, failed: false, place }
  if (evaluation.failure.reason === 'limit') {
    throw new PortDispatchError('LIMIT', `${place}: ${evaluation.failure.message}.`)
  }
  return { value: null, failed: true, place }
}
