import { MAX_JSON_DEPTH } from '@port-dispatch/core'
import type { Alias, Document, Node, YAMLMap, YAMLSeq } from 'yaml'
import { type Flaw, flawed, type Parsed, TOO_DEEP } from './parsed.ts'

/** YAML is parsed at one or two MB a second. */
const MAX_CHARACTERS = 1_000_000
/** What the aliases of a document make of it. */
const MAX_EXPANDED = 10_000_000
/** The first flaw is the cause of most others. */
const MAX_FLAWS = 3

/**
 * Parses one YAML document that JSON can express. Two values of one key, unknown tags, `.nan` and aliases that refer to
 * themselves or grow beyond measure are refused.
 */
export async function parseYaml(text: string): Promise<Parsed> {
  return await parseWith(text, (yaml) => {
    const document = yaml.parseDocument(text, OPTIONS)
    const flaws = syntaxFlaws(document, text)
    if (flaws.length > 0) return flawed(...flaws)
    if (isEmpty(document, yaml)) {
      return flawed({ found: text.includes('#') ? 'holds only comments' : 'is empty' })
    }
    return { type: 'value', value: toJson(document.contents, yaml, 'refuse') }
  })
}

/**
 * Parses the YAML of a CI system, which is more than JSON: several documents, tags of its own (`!reference`), and merge
 * keys (`<<`), which are resolved.
 *
 * @returns a value for each document
 */
export async function parseCiYaml(text: string): Promise<Parsed<unknown[]>> {
  return await parseWith(text, (yaml) => {
    const documents = yaml.parseAllDocuments(text, OPTIONS)
    const all = Array.isArray(documents) ? documents : []
    const flaws = all.flatMap((document) =>
      syntaxFlaws({ errors: document.errors, warnings: [] }, text),
    )
    if (flaws.length > 0) return flawed(...flaws.slice(0, MAX_FLAWS))
    return { type: 'value', value: all.map(({ contents }) => toJson(contents, yaml, 'resolve')) }
  })
}

const OPTIONS = {
  prettyErrors: false,
  stringKeys: true,
  // Checked by `toJson`: the library compares each key with all others.
  uniqueKeys: false,
  logLevel: 'error',
  // Whatever a %YAML directive says.
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
} as const

async function parseWith<T>(text: string, parse: (yaml: Yaml) => Parsed<T>): Promise<Parsed<T>> {
  if (text.length > MAX_CHARACTERS) {
    return flawed({
      found: `has ${text.length} characters; YAML is read up to ${MAX_CHARACTERS}`,
      advice: 'Convert it to JSON, which can be larger',
    })
  }
  const yaml = await import('yaml')
  try {
    return parse(yaml)
  } catch (error) {
    if (error instanceof RangeError) return flawed({ found: 'is nested too deeply' })
    if (error instanceof FlawedNode) return flawed(error.flaw)
    throw error
  }
}

type Yaml = typeof import('yaml')

function isEmpty({ contents }: Document.Parsed, { isScalar }: Yaml): boolean {
  return (
    contents === null || (isScalar(contents) && contents.value === null && contents.source === '')
  )
}

function syntaxFlaws(
  { errors, warnings }: Pick<Document.Parsed, 'errors' | 'warnings'>,
  text: string,
): Flaw[] {
  const exhausted = errors.filter(({ code }) => code === 'RESOURCE_EXHAUSTION').slice(0, 1)
  return (exhausted.length > 0 ? exhausted : [...errors, ...warnings])
    .filter(({ code, name }) => name === 'YAMLParseError' || code === 'TAG_RESOLVE_FAILED')
    .slice(0, MAX_FLAWS)
    .map(({ code, message, pos: [offset] }) => {
      const found = FOUND[code] ?? message
      return isInUnquotedTemplate(text, offset)
        ? { found, offset, advice: 'Put quotes around a template: "{{ … }}"' }
        : { found, offset }
    })
}

/** Instead of messages that quote content, which may be secret, or that say less to people who write actions. */
const FOUND: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'begins a second YAML document; expected one',
  NON_STRING_KEY: 'found an object as a key',
  UNEXPECTED_TOKEN: 'found something unexpected',
  IMPOSSIBLE: 'found something unexpected',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAG_RESOLVE_FAILED: 'found a tag (!…) that is not known, or not for such a value',
}

/** YAML takes `{{` without quotes for a mapping within a mapping. */
function isInUnquotedTemplate(text: string, offset: number): boolean {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /(?:^|[-:,[{])[ \t]*\{\{/.test(text.slice(start, Math.min(offset + 3, start + 1000)))
}

class FlawedNode extends Error {
  override readonly name = 'FlawedNode'
  readonly flaw: Flaw

  constructor(flaw: Flaw) {
    super(flaw.found)
    this.flaw = flaw
  }
}

/** A value, and how many characters it has with all that its aliases stand for. */
interface Sized {
  value: unknown
  size: number
}

/** What looks like a space or like nothing at the edge of a key: text that was copied from a page is indented by it. */
const HIDDEN =
  /^[\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]|[\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]$/

function nameOf(char: string): string {
  const code = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return `the character U+${code}, which looks like a space or cannot be seen,`
}

/** As `Document.toJS` does, but in time that grows with the length, and with the place of what cannot be. */
function toJson(
  contents: Node | null,
  { isAlias, isMap, isScalar, isSeq }: Yaml,
  merges: 'refuse' | 'resolve',
): unknown {
  const anchors = new Map<string, Sized | 'open'>()
  const refuse = (node: Node, found: string): never => {
    throw new FlawedNode({ found, ...(node.range && { offset: node.range[0] }) })
  }

  const read = (node: Node, depth: number): Sized => {
    if (depth > MAX_JSON_DEPTH) refuse(node, TOO_DEEP)
    if (isAlias(node)) return resolve(node)
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) anchors.set(anchor, 'open')
    const sized = isMap(node)
      ? readMap(node, depth)
      : isSeq(node)
        ? readSeq(node, depth)
        : readScalar(node)
    if (sized.size > MAX_EXPANDED) {
      refuse(node, `has aliases that make more than ${MAX_EXPANDED} characters of it`)
    }
    if (anchor !== undefined) anchors.set(anchor, sized)
    return sized
  }

  const resolve = (alias: Alias): Sized => {
    const target = anchors.get(alias.source)
    if (target === 'open') return refuse(alias, 'found an alias within what it refers to')
    return target ?? refuse(alias, 'found an alias (*…) without its anchor (&…) before it')
  }

  const readScalar = (node: Node): Sized => {
    const value = isScalar(node) ? node.value : undefined
    if (typeof value === 'number' && !Number.isFinite(value)) {
      refuse(node, 'found a number that JSON does not have (.inf or .nan)')
    }
    return { value, size: typeof value === 'string' ? value.length + 1 : 1 }
  }

  const readSeq = ({ items }: YAMLSeq, depth: number): Sized => {
    let size = 1
    const value = items.map((item) => {
      const sized = read(item as Node, depth + 1)
      size += sized.size
      return sized.value
    })
    return { value, size }
  }

  const readMap = ({ items }: YAMLMap, depth: number): Sized => {
    let size = 1
    const entries = new Map<string, unknown>()
    const merged = new Map<string, unknown>()
    for (const pair of items) {
      const keyNode = pair.key as Node
      const key = String(read(keyNode, depth + 1).value ?? '')
      const [hidden] = isScalar(keyNode) && keyNode.type === 'PLAIN' ? (HIDDEN.exec(key) ?? []) : []
      if (hidden !== undefined) refuse(keyNode, `found ${nameOf(hidden)} in a key`)
      if (key === '<<' && merges === 'resolve' && pair.value !== null) {
        const { value, size: added } = read(pair.value as Node, depth + 1)
        size += added
        for (const source of [value].flat()) {
          if (typeof source !== 'object' || source === null) continue
          for (const [name, item] of Object.entries(source)) {
            if (!merged.has(name)) merged.set(name, item)
          }
        }
        continue
      }
      if (entries.has(key)) refuse(keyNode, 'found a key that the object has already')
      const sized =
        pair.value === null ? { value: null, size: 1 } : read(pair.value as Node, depth + 1)
      size += key.length + sized.size
      entries.set(key, sized.value)
    }
    // Makes even `__proto__` a property like any other.
    return { value: Object.fromEntries([...merged, ...entries]), size }
  }

  return contents === null ? null : read(contents, 1).value
}
