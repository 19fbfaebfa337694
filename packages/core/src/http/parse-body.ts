/** Deeper values would overflow the stack of whatever walks over them. Documents and templates have the same limit. */
const MAX_DEPTH = 1_000

/**
 * Parses JSON that somebody else sent: a response, a webhook, a message.
 *
 * @throws SyntaxError if it is not JSON, or nested more than 1,000 levels deep, which nobody means to send
 */
export function parseBody(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`nested more than ${MAX_DEPTH} levels deep`)
  return JSON.parse(text)
}

/** Looks at brackets outside of strings. What is not JSON gives any result, and does not parse either. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (char === OBJECT || char === ARRAY) {
      if (++depth > MAX_DEPTH) return true
    } else if (char === OBJECT_END || char === ARRAY_END) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const ARRAY = 0x5b
const ARRAY_END = 0x5d

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return at
  }
  return text.length
}
