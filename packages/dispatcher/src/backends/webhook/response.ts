import { STATUS_CODES } from 'node:http'
import { isJsonObject, type Json } from '@port-dispatch/core'
import { type HttpResponse, parseBody } from '@port-dispatch/core/http'
import { sanitize } from '@port-dispatch/core/text'

const MAX_LINES = 5
const MAX_LINE = 200
/** Port takes 1 MiB in a request; a character can take six bytes of it. */
const MAX_SAVED_BYTES = 900_000

/** `404 Not Found` */
export function statusText(status: number): string {
  const reason = STATUS_CODES[status]
  return reason === undefined ? String(status) : `${status} ${reason}`
}

/**
 * The first lines of a response for people: without control characters, and nothing of a page but its title.
 *
 * @returns lines that begin with a line break and are indented; empty if there is nothing to show
 */
export function firstLines(text: string): string {
  if (isBinary(text)) return '\n  (not text)'
  const page = /^\s*<(?:!doctype|html|\?xml)/i.test(text)
  const [, title = ''] = (page && /<title[^>]*>([^<]*)</i.exec(text)) || []
  const shown = page ? `(a page${title.trim() && `: ${title.trim()}`})` : text
  const lines = sanitize(shown)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const first = lines.slice(0, MAX_LINES).map((line) => {
    return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1).toWellFormed()}…` : line
  })
  return [...first, ...(lines.length > MAX_LINES ? ['…'] : [])]
    .map((line) => `\n  ${line}`)
    .join('')
}

/**
 * What Port keeps of a response: the JSON in it, or its text. Of bytes that are no text, only of what type they are.
 *
 * @returns undefined if there is no body
 */
export function savedResponse({ text: received, cut, headers }: HttpResponse): Json | undefined {
  // The cut can be within a character.
  const text = cut ? received.replace(/\uFFFD$/, '') : received
  if (text === '') return undefined
  if (!cut) {
    try {
      const value = parseBody(text)
      if ((isJsonObject(value) || Array.isArray(value)) && fits(value)) return value as Json
    } catch {
      // It is text.
    }
  }
  if (isBinary(text)) return `(not text: ${headers.get('content-type') ?? 'of unknown type'})`
  let kept = text
  while (!fits(kept)) kept = kept.slice(0, kept.length * 0.7).toWellFormed()
  return cut || kept !== text ? `${kept}\n… (cut)` : kept
}

/** Text of no character set has a NUL, nor bytes that its characters cannot have. */
function isBinary(text: string): boolean {
  return /[\0\uFFFD]/.test(text)
}

function fits(value: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(value)) <= MAX_SAVED_BYTES
}
