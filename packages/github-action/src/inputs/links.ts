import { badInput, textInput } from './inputs.ts'

/**
 * The input `link`: one address, several lines, or a JSON list.
 *
 * @throws InputError if it looks like a JSON list and is none
 */
export function linkInput(): string[] {
  const text = textInput('link')
  if (text === undefined) return []
  if (!text.startsWith('[')) return text.split(/\s*\n\s*/).filter(Boolean)
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    // Told below.
  }
  if (Array.isArray(list) && list.every((link) => typeof link === 'string')) return list
  throw badInput('link', 'found a "[" that begins no list of strings; expected ["https://…"]')
}

/** A link as Port takes it: alone as text, several as a list. */
export function asLink(links: readonly string[]): string | string[] | undefined {
  return links.length === 1 ? links[0] : links.length > 1 ? [...links] : undefined
}
