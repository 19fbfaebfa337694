import { setSecret } from '@actions/core'
import type { Json, JsonObject } from '@port-dispatch/core'

/** Replaces secret values in texts that people read. */
export type Censor = (text: string) => string

/**
 * Masks every value below `secrets` in the context.
 *
 * @param others values that are secret too, and masked already
 */
export function censorSecrets({ secrets }: JsonObject, others: readonly string[]): Censor {
  const own = leaves(secrets ?? null).filter((value) => value !== '')
  for (const value of own) setSecret(value)
  // The longest first: one secret may hold another.
  const all = [...own, ...others].filter(Boolean).sort((a, b) => b.length - a.length)
  return (text) => all.reduce((censored, value) => censored.replaceAll(value, '***'), text)
}

function leaves(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves)
  return []
}
