import { isLink } from '@port-dispatch/core/port'
import { badInput, textInput } from './inputs.ts'

/**
 * The input `link`: one address, one on each line, or JSON: a string or a list of them.
 *
 * @throws InputError if it looks like JSON and is not, or holds what Port cannot show as a link
 */
export function linkInput(): string[] {
  const links = readLinks()
  const wrong = links.filter((link) => !isLink(link))
  if (wrong.length === 0) return links
  throw badInput(
    'link',
    `found ${wrong.map((link) => JSON.stringify(link)).join(', ')}; expected an address that begins with https:// or http://`,
  )
}

function readLinks(): string[] {
  const text = textInput('link')
  // What toJSON makes of an output that is not there.
  if (text === undefined || text === 'null') return []
  if (!/^["[]/.test(text)) return linesOf(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Reported below.
  }
  const links = Array.isArray(value) ? value : [value]
  const given = links.filter((link) => link !== null && link !== '')
  if (given.every((link) => typeof link === 'string')) return given
  throw badInput(
    'link',
    `begins with ${text[0]} and is not JSON of links; expected ["https://…"] or "https://…"`,
  )
}

/** A line break within one address is not a separator. */
function linesOf(text: string): string[] {
  const lines = text.split(/\s*\n\s*/).filter(Boolean)
  return lines.every((line) => /^[a-z][a-z\d+.-]*:\S+$/i.test(line)) ? lines : [text]
}

/** A link as Port takes it: alone as text, several as a list. */
export function asLink(links: readonly string[]): string | string[] | undefined {
  return links.length === 1 ? links[0] : links.length > 1 ? [...links] : undefined
}
