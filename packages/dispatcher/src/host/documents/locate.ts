// Finds where a value stands in the text of a document, for messages that show it. The values themselves are read by
// `parse-json` and `parse-yaml`.
import type { Node as JsonNode } from 'jsonc-parser'
import type { Node as YamlNode } from 'yaml'

/** A half-open range of a text, by offsets. */
export interface Range {
  start: number
  end: number
}

export interface Place {
  path: readonly (string | number)[]
  /** Whether the key at the path is meant, and not its value. */
  isKey?: boolean | undefined
  /** A part of the string there. */
  span?: { index: number; length: number } | undefined
}

/** Finds places in a text. Undefined where nothing is. */
export type Locate = (place: Place) => Range | undefined

/** A key or value that was found, with what it says if it is a string. */
interface Found extends Range {
  value: unknown
}

/** What the nodes of both languages have. */
interface Tree {
  /** The key and value at a step of the path. */
  child: (segment: string | number) => { key: Found | undefined; value: Tree } | undefined
  found: Found
}

export async function locateInJson(text: string): Promise<Locate> {
  const { parseTree } = await import('jsonc-parser')
  const root = parseTree(text, [], { allowTrailingComma: true })
  return root ? locateIn(text, [jsonTree(root)]) : () => undefined
}

export async function locateInYaml(text: string): Promise<Locate> {
  const yaml = await import('yaml')
  const options = { uniqueKeys: false, logLevel: 'silent', schema: 'core' } as const
  const documents = yaml.parseAllDocuments(text, options)
  const trees = (Array.isArray(documents) ? documents : []).flatMap((document) =>
    document.contents
      ? [yamlTree(document.contents, (alias) => alias.resolve(document), yaml)]
      : [],
  )
  // The header of a pipeline comes first, and what it is about comes last.
  return locateIn(text, trees.toReversed())
}

function locateIn(text: string, roots: readonly Tree[]): Locate {
  return ({ path, isKey, span }) => {
    for (const root of roots) {
      let at: { key: Found | undefined; value: Tree } | undefined = { key: undefined, value: root }
      for (const segment of path) at = at?.value.child(segment)
      if (!at) continue
      const found = isKey ? (at.key ?? at.value.found) : at.value.found
      if (span && typeof found.value === 'string') return spanIn(text, found, span)
      return isKey ? found : firstLine(text, found)
    }
    return undefined
  }
}

/** Of an object or a list the first line, so that not all of a file is marked. */
function firstLine(text: string, { start, end, value }: Found): Range {
  const newline = text.indexOf('\n', start)
  if (typeof value === 'string' || newline < 0 || newline >= end) return { start, end }
  return { start, end: start + text.slice(start, newline).trimEnd().length }
}

function jsonTree(node: JsonNode): Tree {
  return {
    found: { start: node.offset, end: node.offset + node.length, value: node.value },
    child: (segment) => {
      if (node.type === 'array') {
        const item = typeof segment === 'number' ? node.children?.[segment] : undefined
        return item && { key: undefined, value: jsonTree(item) }
      }
      const property = node.children?.find(({ children }) => children?.[0]?.value === segment)
      const [key, value] = property?.children ?? []
      if (!key || !value) return undefined
      const found = { start: key.offset, end: key.offset + key.length, value: key.value }
      return { key: found, value: jsonTree(value) }
    },
  }
}

type Yaml = typeof import('yaml')
type Resolve = (alias: import('yaml').Alias) => YamlNode | undefined

function yamlTree(written: YamlNode | null, resolve: Resolve, yaml: Yaml): Tree {
  const found = yamlFound(written, yaml)
  const node = yaml.isAlias(written) ? (resolve(written) ?? null) : written
  return {
    found,
    child: (segment) => {
      if (yaml.isSeq(node)) {
        const item = typeof segment === 'number' ? node.items[segment] : undefined
        return yaml.isNode(item)
          ? { key: undefined, value: yamlTree(item, resolve, yaml) }
          : undefined
      }
      if (!yaml.isMap(node)) return undefined
      for (const { key, value } of node.items) {
        if (!yaml.isScalar(key) || String(key.value ?? '') !== String(segment)) continue
        const keyFound = yamlFound(key, yaml)
        if (yaml.isNode(value)) {
          const tree = yamlTree(value, resolve, yaml)
          // Nothing after the colon.
          const isEmpty = tree.found.start === tree.found.end
          return { key: keyFound, value: isEmpty ? { ...tree, found: keyFound } : tree }
        }
        return { key: keyFound, value: { found: keyFound, child: () => undefined } }
      }
      for (const { key, value } of node.items) {
        if (!yaml.isScalar(key) || key.value !== '<<' || !yaml.isNode(value)) continue
        const merged = yaml.isSeq(value) ? value.items : [value]
        for (const source of merged) {
          const inner = yaml.isNode(source) && yamlTree(source, resolve, yaml).child(segment)
          if (inner) return inner
        }
      }
      return undefined
    },
  }
}

function yamlFound(node: YamlNode | null, yaml: Yaml): Found {
  const [start, end] = node?.range ?? [0, 0]
  return { start, end, value: yaml.isScalar(node) ? node.value : undefined }
}

/**
 * The range of a part of a string in the text that says it. Escapes, quotes, indentation and folded lines make the text
 * longer than the string.
 */
function spanIn(
  text: string,
  { start, end, value }: Found,
  span: { index: number; length: number },
): Range {
  const string = String(value)
  const offsets = offsetsIn(text.slice(start, end), string)
  const first = offsets[span.index]
  if (first === undefined) return { start, end }
  const last = offsets[Math.min(span.index + Math.max(1, span.length), string.length) - 1] ?? first
  return { start: start + first, end: start + last + 1 }
}

/** Where each character of a string stands in its text; reads both side by side. */
function offsetsIn(raw: string, value: string): number[] {
  const offsets: number[] = []
  const isQuoted = raw.startsWith('"')
  let at = raw.startsWith('"') || raw.startsWith("'") ? 1 : blockStart(raw)
  for (let i = 0; i < value.length && at < raw.length; i++) {
    if (isQuoted && raw[at] === '\\') {
      const sequence = /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|\r?\n[ \t]*|[\s\S])/y
      sequence.lastIndex = at
      const length = sequence.exec(raw)?.[0].length ?? 2
      offsets.push(at)
      at += length
      continue
    }
    // Line breaks that were folded into blanks, and the indentation of lines.
    if (/\s/.test(value[i] ?? '')) {
      while (at < raw.length && raw[at] !== value[i] && /\s/.test(raw[at] ?? '')) at++
      offsets.push(at)
      if (/\s/.test(raw[at] ?? '')) at++
      continue
    }
    while (at < raw.length && raw[at] !== value[i]) at++
    offsets.push(at)
    at++
    // `''` in single quotes is one.
    if (raw.startsWith("'") && value[i] === "'" && raw[at] === "'") at++
  }
  return offsets
}

/** The text of a block scalar begins after its header. */
function blockStart(raw: string): number {
  return /^[|>][^\n]*\n/.exec(raw)?.[0].length ?? 0
}
