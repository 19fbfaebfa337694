import { InputError, type Json, type Problem } from '@port-dispatch/core'
import type { Locate, Place } from './documents/locate.ts'
import { parseJson } from './documents/parse-json.ts'
import { parseCiYaml, parseYaml } from './documents/parse-yaml.ts'
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
  /** `json`: what does not look like JSON is not read as YAML either. */
  format?: 'json'
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

/** A place in a text, by lines and columns that count from 1. */
export interface TextPosition {
  line: number
  column: number
  endLine: number
  endColumn: number
}

/** A document with its text, so that messages can show where something is. */
export interface Source {
  /** The path, or `standard input`. */
  name: string
  /** Without a byte order mark. */
  text: string
  value: unknown
  /** Where something is; undefined if it is not in the text. Parses the text once more when it is called first. */
  positionOf: (place: Place) => Promise<TextPosition | undefined>
}

/**
 * Reads a file as {@link readDocument} does, and keeps its text.
 *
 * @param kind `document`: JSON or YAML as {@link parseDocument} reads it. `ci`: the YAML of a CI system, with several
 *   documents, merge keys and tags; the value is a list of its documents
 * @throws InputError if it cannot be read or parsed, with line and column
 */
export async function readSource(
  path: string,
  subject: string,
  kind: 'document' | 'ci' = 'document',
): Promise<Source> {
  const text = contentOf(await readText(path), path, subject)
  return await parseSource(text, nameOf(path), subject, kind)
}

/** Parses a text as {@link readSource} does, and keeps it. */
export async function parseSource(
  text: string,
  name: string,
  subject: string,
  kind: 'document' | 'ci' = 'document',
): Promise<Source> {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text
  const value =
    kind === 'document'
      ? await parseDocument(content, name, subject, { excerpt: 'show' })
      : await parseCi(content, name, subject)
  const isJson = kind === 'document' && isJsonText(content, name)
  let locate: Promise<Locate> | undefined
  return {
    name,
    text: content,
    value,
    positionOf: async (place) => {
      locate ??= loadLocate(content, isJson)
      const range = (await locate)(place)
      if (!range) return undefined
      const start = lineAndColumn(content, range.start)
      const end = lineAndColumn(content, Math.max(range.start, range.end))
      return { ...start, endLine: end.line, endColumn: end.column }
    },
  }
}

async function loadLocate(text: string, isJson: boolean): Promise<Locate> {
  const { locateInJson, locateInYaml } = await import('./documents/locate.ts')
  return isJson ? await locateInJson(text) : await locateInYaml(text)
}

async function parseCi(text: string, name: string, subject: string): Promise<unknown> {
  const parsed = await parseCiYaml(text)
  if (parsed.type === 'value') return parsed.value
  const problems = parsed.flaws.map((flaw) => problemOf(flaw, text, name, 'show'))
  throw new InputError(`${subject} is not valid YAML:`, problems)
}

/**
 * Reads JSON that a setting holds, or the file that it names.
 *
 * @param text JSON, or the path of a file with it, `-` for standard input. A file whose name is JSON is given as `./true`
 * @param name of the setting
 * @param subject what it is for: `The output`
 * @throws InputError with line and column if it is neither
 */
export async function readJsonOrFile(text: string, name: string, subject: string): Promise<Json> {
  const isJson = BEGINS_AS_JSON.test(text)
  const json = isJson ? text : contentOf(await readText(text), text, subject)
  const value = await parseDocument(json, isJson ? name : nameOf(text), subject, { format: 'json' })
  return value as Json
}

const BEGINS_AS_JSON = /^\s*(?:[{["]|(?:-?[\d.]+(?:e[+-]?\d+)?|true|false|null)\s*$)/i

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
  { excerpt = 'hide', format }: DocumentOptions = {},
): Promise<unknown> {
  const content = text.startsWith('\ufeff') ? text.slice(1) : text
  if (content.trim() === '')
    throw new InputError(`${subject} cannot be read:`, [{ path: name, found: 'is empty' }])
  const looksLikeJson = LOOKS_LIKE_JSON.test(content)
  const isNamedJson = NAMED_JSON.test(name)
  const isJson = format === 'json' || isJsonText(content, name)
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

const LOOKS_LIKE_JSON = /^\s*(?:[{[]|\/[/*])/
const NAMED_JSON = /\.jsonc?$/i

function isJsonText(content: string, name: string): boolean {
  return LOOKS_LIKE_JSON.test(content) || NAMED_JSON.test(name)
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
  const { line, column } = lineAndColumn(text, offset)
  const path = `${name}:${line}:${column}`
  return { path, ...about, ...(excerpt === 'show' && { excerpt: excerptAt(text, start, offset) }) }
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  return { line: lineAt(text, offset), column: offset - start + 1 }
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
