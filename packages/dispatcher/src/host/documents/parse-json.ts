import { surveyJson } from '@port-dispatch/core'
import { flawed, type Parsed, TOO_DEEP } from './parsed.ts'

/**
 * Parses JSON, in which comments and trailing commas are allowed. Takes time that grows with the length; valid JSON is
 * parsed by `JSON.parse`, what is not loads a parser that knows where it is wrong.
 */
export async function parseJson(text: string): Promise<Parsed> {
  let json = text
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const { parseJsonc } = await import('./jsonc.ts')
    const parsed = parseJsonc(text)
    if (parsed.type === 'flaws') return parsed
    ;({ json, value } = parsed)
  }
  const { pairs, tooDeepAt } = surveyJson(json)
  if (tooDeepAt !== undefined) return flawed({ found: TOO_DEEP, offset: tooDeepAt })
  if (json.length <= MAX_BY_HAND && pairs !== countPairs(value)) {
    const { findLoss } = await import('./jsonc.ts')
    const loss = findLoss(json)
    if (loss) return flawed(loss)
  }
  return { type: 'value', value }
}

/** Longer texts are written by programs, which do not write a key twice or 1e999; counting would take longer than parsing. */
const MAX_BY_HAND = 10_000_000

/**
 * How many keys a value has, at all depths: fewer than its text if a key was there twice; NaN if a number in it became
 * infinite, which JSON cannot express.
 */
function countPairs(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  let pairs = 0
  if (Array.isArray(value)) {
    for (const item of value) pairs += countPairs(item)
    return pairs
  }
  const values = Object.values(value)
  pairs = values.length
  for (const item of values) pairs += countPairs(item)
  return pairs
}
