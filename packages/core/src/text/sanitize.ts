// Text of others is data: job names, messages of servers and of jq, what a person typed. Where it is printed it must not
// become a command of the CI system, a line that looks like ours, or something that a terminal acts on.

const ESC = String.fromCharCode(0x1b)
/** The string terminator in both its forms, and the bell that xterm takes for one. */
const STRING_END = `(?:\\u0007|${ESC}\\\\|\\u009c)`
/** Whatever ends a string or begins a sequence anew ends the search, which keeps it linear. */
const IN_STRING = `[^\\u0007${ESC}\\u0090\\u0098\\u009c-\\u009f]*`

/**
 * ECMA-48 sequences with all they hold: CSI, the strings DCS, SOS, OSC, PM and APC up to their end, and the short ones.
 * A string that does not end loses its introducer only, so that nothing after it is swallowed.
 */
const ESCAPE_SEQUENCE = new RegExp(
  [
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])(?:${IN_STRING}${STRING_END})?`,
    `${ESC}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
)

/** All that some reader of a log takes for the end of a line. */
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/** C0, DEL and C1 without the tab; line breaks are gone by then. */
const CONTROL = /[^\P{Cc}\t]/gu

/** Embeddings, overrides and isolates of the bidirectional algorithm reorder what follows them. Marks (U+200E, U+200F) do not. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g

/**
 * What CI systems obey. GitHub's runner trims a line before it looks for `::`, and finds `##[` anywhere in it, as
 * Azure Pipelines finds `##vso[` and TeamCity `##teamcity[`; GitLab reads `section_start:` and `section_end:`.
 */
const COMMAND_AT_START = /^([\s\ufeff]*)(::|section_(?:start|end):)/
const COMMAND_ANYWHERE = /##(?=(?:vso|teamcity)?\[)/gi

const INDENT = '  '

/**
 * Makes text fit to be printed: without escape sequences and control characters, with overrides of the writing direction
 * as `<U+202E>`, and with no line that a CI system would obey (`::error::` becomes `\::error::`).
 *
 * A string may hold text of others, so each of its line breaks, of whatever kind, is followed by two spaces: what comes
 * after cannot be taken for a message of ours. Lines that are indented already are left as they are, so that calling it
 * twice changes nothing. Where our own message has several lines they are the items of an array, each of which starts
 * at the margin.
 *
 * Secrets are replaced before: what this adds and removes could hide them from a redactor.
 *
 * @param message a text, or our own lines
 * @returns lines separated by `\n`, without one at the end
 */
export function sanitize(message: string | readonly string[]): string {
  return typeof message === 'string' ? sanitizeText(message) : message.map(sanitizeText).join('\n')
}

/**
 * Spells JSON so that it can be printed into any log: what {@link sanitize} takes out of a text is written as escapes, which
 * mean the same to whoever parses it.
 */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, escapeUnit).replace(COMMAND_ANYWHERE, '\\u0023\\u0023')
}

/** What JSON does not escape itself: DEL, C1, further line breaks, and what reorders text. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

function escapeUnit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function sanitizeText(text: string): string {
  const [first = '', ...others] = text.replace(ESCAPE_SEQUENCE, '').split(LINE_BREAK)
  return [sanitizeLine(first), ...others.map((line) => indented(sanitizeLine(line)))]
    .join('\n')
    .trimEnd()
}

function sanitizeLine(line: string): string {
  return line
    .replace(CONTROL, '')
    .replace(BIDI, (char) => `<U+${char.charCodeAt(0).toString(16).toUpperCase()}>`)
    .replace(COMMAND_AT_START, '$1\\$2')
    .replace(COMMAND_ANYWHERE, '##\\')
    .toWellFormed()
}

function indented(line: string): string {
  return line === '' || line.startsWith(INDENT) ? line : INDENT + line
}
