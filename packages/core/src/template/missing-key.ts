// Says why a path is null: a name that an object does not have.
import { isJsonObject, type Json } from '../json.ts'
import { keyPath } from '../path.ts'
import { suggest } from '../text/suggest.ts'

const SHOWN_NAMES = 8

/**
 * Why a path of the context is null, for people. Only names are said, never values.
 *
 * @param path keys and indices, from the root of the context
 * @param which `misspelled`: only if the object has a name that is like the missing one
 * @returns undefined if the path is not null, or for another reason
 */
export function missingKeyNote(
  path: readonly (string | number)[],
  context: Json,
  which: 'misspelled' | 'all',
): string | undefined {
  let at: Json = context
  let where = ''
  for (const key of path) {
    if (typeof key === 'number') {
      if (!Array.isArray(at)) return undefined
      at = at.at(key) ?? null
      where += `[${key}]`
      continue
    }
    if (at === null && which === 'all') return `null because .${where} is null`
    if (!isJsonObject(at)) return undefined
    if (!Object.hasOwn(at, key)) {
      const names = Object.keys(at)
      const meant = suggest(key, names)
      if (meant === undefined && which === 'misspelled') return undefined
      const owner = where === '' ? 'the context' : `.${where}`
      const hint = meant === undefined ? listed(names) : `. Did you mean ${JSON.stringify(meant)}?`
      return `null because ${owner} has no ${JSON.stringify(key)}${hint}`
    }
    at = at[key] ?? null
    where = keyPath(where, key)
  }
  return undefined
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return '. It is empty'
  const more = names.length > SHOWN_NAMES ? ', …' : ''
  return `. It has ${names.slice(0, SHOWN_NAMES).join(', ')}${more}`
}
