import { isJsonObject, type Json, type JsonObject } from '@port-dispatch/core'
import { decryptValue } from '@port-dispatch/core/port'
import type { MappingEntry } from './mapping-file.ts'

/** A copy of the message in which fields are decrypted. What is not there, or cannot be decrypted, stays as it is. */
export function decryptFields(
  message: JsonObject,
  { decrypt, index }: MappingEntry,
  clientSecret: string,
): { message: JsonObject; notes: string[] } {
  if (decrypt.length === 0) return { message, notes: [] }
  const copy = structuredClone(message)
  const notes = decrypt.flatMap((path): string[] => {
    const place = placeOf(copy, path)
    if (!place) return []
    const decryption = decryptValue(place.get(), { clientSecret })
    if (decryption.ok) place.set(decryption.text)
    const name = `${path.join('.')} (fieldsToDecryptPaths of entry ${index} of the mapping file)`
    return decryption.ok ? [] : [`${name} cannot be decrypted and stays as it is.`]
  })
  return { message: copy, notes }
}

/** Where a path leads, through objects and arrays, if something other than null is there. */
function placeOf(root: Json, path: readonly string[]) {
  const last = path.at(-1)
  const holder = path
    .slice(0, -1)
    .reduce<Json | undefined>((value, key) => childOf(value, key), root)
  if (last === undefined || (childOf(holder, last) ?? null) === null) return undefined
  return {
    get: () => childOf(holder, last),
    set: (text: string) => {
      if (Array.isArray(holder)) holder[Number(last)] = text
      else if (isJsonObject(holder)) holder[last] = text
    },
  }
}

function childOf(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
