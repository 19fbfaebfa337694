/** The header fields of a response. The standard `Headers` is one; names are not case-sensitive. */
export interface HttpHeaders extends Iterable<[name: string, value: string]> {
  get(name: string): string | null
  has(name: string): boolean
}

/** Header fields without the standard `Headers`, which makes Node load its whole implementation of `fetch`. */
export function httpHeaders(fields: Iterable<readonly [name: string, value: string]>): HttpHeaders {
  const values = new Map([...fields].map(([name, value]) => [name.toLowerCase(), value]))
  return {
    get: (name) => values.get(name.toLowerCase()) ?? null,
    has: (name) => values.has(name.toLowerCase()),
    [Symbol.iterator]: () => values[Symbol.iterator](),
  }
}

/** RFC 9110, 5.6.2 */
const NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
/** What RFC 9110, 5.5 does not allow in a value, and what is not Latin-1. */
const REFUSED = /[^\t\x20-\x7e\x80-\xff]/

/**
 * Why a text cannot be the value of a header. For credentials: a secret that was stored with a line break at its end is
 * the usual case. The message does not contain the text.
 *
 * @returns a clause that follows the name of the setting, such as `ends with a line break`; undefined if nothing is wrong
 */
export function headerValueProblem(value: string): string | undefined {
  const at = value.search(REFUSED)
  if (at === -1) return undefined
  if (!/[\r\n]/.test(value.charAt(at))) {
    return `contains a character that an HTTP header cannot carry (character ${at + 1})`
  }
  return /^[\r\n]+$/.test(value.slice(at)) ? 'ends with a line break' : 'contains a line break'
}

/** What is wrong with the header fields of a request, as a clause; undefined if nothing is. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name)) return `${JSON.stringify(name)} is not a valid name of a header`
    const problem = headerValueProblem(value)
    if (problem) return `the value of its header "${name}" ${problem}`
  }
  return undefined
}
