import { InputError, type Problem } from '@port-dispatch/core'
import { parseJson } from './documents/parse-json.ts'
import { parseYaml } from './documents/parse-yaml.ts'
import type { Flaw, Parsed } from './documents/parsed.ts'
import { readBytes, readText } from './documents/read-text.ts'

// The documents that people write: actions, contexts, definitions of sandboxes, configurations of agents.

export interface DocumentOptions {
  /**
   * Whether an error shows the line it is in. Not where the document holds secrets, as a context does.
   *
   * @default 'hide'
   */
  excerpt?: 'show' | 'hide'
}

/**
 * Reads a file as JSON or YAML, see {@link parseDocument}. It is UTF-8, or UTF-16 with a byte order mark, of 100 MB at
 * most.
 *
 * @param path of the file, `-` for standard input
 * @param subject what the file is for: `The action`
 * @throws InputError if it cannot be read or parsed, with line and column
 */
export async function readDocument(
  path: string,
  subject: string,
  options: DocumentOptions = {},
): Promise<unknown> {
  const text = contentOf(await readText(path), path, subject)
  return await parseDocument(text, nameOf(path), subject, options)
}

/**
 * Reads a file of 100 MB at most as it is, for what must not be decoded: a signed body.
 *
 * @param path of the file, `-` for standard input
 * @param subject what the file is for: `The body`
 * @throws InputError if it cannot be read
 */
export async function readExactly(path: string, subject: string): Promise<Buffer> {
  return contentOf(await readBytes(path), path, subject)
}

function contentOf<T>(read: Parsed<T>, path: string, subject: string): T {
  if (read.type === 'value') return read.value
  throw new InputError(
    `${subject} cannot be read:`,
    read.flaws.map(({ found, advice }) => ({
      path: nameOf(path),
      found,
      ...(advice && { advice }),
    })),
  )
}

function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path
}

/**
 * Parses JSON or YAML. Text that begins with `{`, `[` or a `//` comment, and all of a file named `*.json`, is JSON, in
 * which comments and trailing commas are allowed; it is never read as YAML. All other text is one YAML document of at
 * most 1,000,000 characters. Both are refused when an object has a key twice or is nested more than 1000 levels deep.
 *
 * @param name of where the text comes from: a path, the name of an input
 * @param subject what the text is for: `The action`
 * @returns a value that JSON can express
 * @throws InputError with line and column
 */
export async function parseDocument(
  text: string,
  name: string,
  subject: string,
  { excerpt = 'hide' }: DocumentOptions = {},
): Promise<unknown> {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text
  if (content.trim() === '')
    throw new InputError(`${subject} cannot be read:`, [{ path: name, found: 'is empty' }])
  const looksLikeJson = /^\s*(?:[{[]|\/[/*])/.test(content)
  const isNamedJson = /\.jsonc?$/i.test(name)
  const isJson = looksLikeJson || isNamedJson
  const parsed = isJson ? await parseJson(content) : await parseYaml(content)
  if (parsed.type === 'value') return parsed.value
  const flaws =
    isNamedJson && !looksLikeJson
      ? parsed.flaws.map((flaw) => ({ ...flaw, advice: OTHER_NAME }))
      : parsed.flaws
  throw new InputError(
    `${subject} is not valid ${isJson ? 'JSON' : 'YAML'}:`,
    flaws.map((flaw) => problemOf(flaw, content, name, excerpt)),
  )
}

const OTHER_NAME = 'A file named *.json is read as JSON; if it is YAML, name it *.yaml'

function problemOf(
  { found, advice, offset }: Flaw,
  text: string,
  name: string,
  excerpt: 'show' | 'hide',
): Problem {
  const about = { found, ...(advice && { advice }) }
  if (offset === undefined) return { path: name, ...about }
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const path = `${name}:${lineAt(text, offset)}:${offset - start + 1}`
  return { path, ...about, ...(excerpt === 'show' && { excerpt: excerptAt(text, start, offset) }) }
}

function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** How many characters of a long line are shown on either side. */
const MARGIN = 60

/** The line, and a caret under the place. */
function excerptAt(text: string, lineStart: number, offset: number): string[] {
  const lineEnd = text.indexOf('\n', offset)
  const start = Math.max(lineStart, offset - MARGIN)
  const end = Math.min(lineEnd < 0 ? text.length : lineEnd, offset + MARGIN)
  const line = text
    .slice(start, end)
    .trimEnd()
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
  const indent = line.length - line.trimStart().length
  return [line.slice(indent), `${' '.repeat(Math.max(0, offset - start - indent))}^`]
}
