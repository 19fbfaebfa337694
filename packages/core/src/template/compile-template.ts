import type { Json, JsonObject } from '../json.ts'
import { itemPath, keyPath } from '../path.ts'
import { inspect } from './compat/inspect.ts'
import {
  CompiledTemplate,
  type Expression,
  type TemplateEntry,
  type TemplateNode,
  type TextNode,
} from './compiled-template.ts'
import { findBlocks } from './find-blocks.ts'
import { leadingPath, plainExpression } from './plain/plain-expression.ts'
import { TemplateError, type TemplateMistake } from './template-error.ts'

/** Deeper templates are refused, so that no walk over one can overflow the stack. */
const maxDepth = 1000

const spreadKey = /^\s*\{\{\s*spreadValue\(\s*\)\s*\}\}\s*$/u

/**
 * Reads a template: finds its `{{ }}` blocks and takes each apart. Pure, and starts no jq.
 *
 * @param template any JSON value; objects, arrays and keys are searched for blocks at any depth
 * @throws {TemplateError} listing every string whose blocks are unclosed, unopened or nested
 */
export function compileTemplate(template: Json): CompiledTemplate {
  const reading: Reading = { expressions: [], problems: [] }
  const root = readNode(reading, template, '', 0)
  if (reading.problems.length > 0) throw new TemplateError(reading.problems)
  return new CompiledTemplate(root, reading.expressions)
}

interface Reading {
  expressions: Expression[]
  problems: TemplateMistake[]
}

function readNode(reading: Reading, template: Json, path: string, depth: number): TemplateNode {
  if (typeof template === 'string') return readText(reading, template, path) ?? literal(template)
  if (typeof template !== 'object' || template === null) return literal(template)
  if (depth === maxDepth) {
    reading.problems.push({
      path: '',
      message: `The template is nested deeper than ${maxDepth} levels: make it flatter`,
    })
    return literal(null)
  }
  return Array.isArray(template)
    ? readArray(reading, template, path, depth + 1)
    : readObject(reading, template, path, depth + 1)
}

function readArray(reading: Reading, template: Json[], path: string, depth: number): TemplateNode {
  const items = template.map((item, i) => readNode(reading, item, itemPath(path, i), depth))
  return { type: 'array', items }
}

function readObject(
  reading: Reading,
  template: JsonObject,
  parent: string,
  depth: number,
): TemplateNode {
  const entries = Object.entries(template).map(([key, value]): TemplateEntry => {
    const path = keyPath(parent, key)
    if (spreadKey.test(key)) {
      return { type: 'spread', path, value: readNode(reading, value, path, depth) }
    }
    const keyNode = readText(reading, key, path) ?? key
    return { type: 'pair', path, key: keyNode, value: readNode(reading, value, path, depth) }
  })
  return { type: 'object', entries }
}

function readText(reading: Reading, text: string, path: string): TextNode | undefined {
  if (!text.includes('{{') && !text.includes('}}')) return undefined
  const blocks = findBlocks(text)
  if (!Array.isArray(blocks)) {
    reading.problems.push({ path, ...blocks })
    return undefined
  }
  const parts: (string | Expression)[] = []
  let end = 0
  for (const block of blocks) {
    parts.push(text.slice(end, block.start - 2))
    const expression = readExpression(text, path, block.start, block.end)
    reading.expressions.push(expression)
    parts.push(expression)
    end = block.end + 2
  }
  parts.push(text.slice(end))

  const [, first, ...rest] = parts
  if (first === undefined || typeof first === 'string') return undefined
  const trimmed = text.trim()
  // Port looks at the ends of the string, so that "{{ .a }}}" counts as one whole block too.
  const isWhole = rest.length === 1 && trimmed.startsWith('{{') && trimmed.endsWith('}}')
  return isWhole ? { type: 'expression', expression: first } : { type: 'text', parts }
}

/** The only thing in a plain expression of which jq's versions do not make the same. */
const dotBracket = /\.\s*\[|\r/

function readExpression(text: string, path: string, start: number, end: number): Expression {
  const inner = text.slice(start, end)
  const filter = withDoubleQuotes(inner)
  const plain = plainExpression(filter)
  const inspection = plain === undefined || dotBracket.test(filter) ? inspect(filter) : undefined
  return {
    path,
    source: inner.trim(),
    filter,
    text,
    start,
    plain,
    leadingPath: leadingPath(filter),
    inspection,
  }
}

function literal(value: Json): TemplateNode {
  return { type: 'literal', value }
}

// jq knows no single-quoted strings; Port lets people write them and turns their quotes into double ones.

// The white space belongs to the match, so that one blank cannot both close a string and open the next.
const quote = /(^|\s)'(?![\s"])|(?<![\s"])'(\s|$)/gu

/**
 * The expression with each single quote that opens or closes a string replaced by a double quote.
 * A quote opens at the start or after white space when neither white space nor `"` follows, and
 * closes before white space or at the end when neither stands before it. All others stay, and jq
 * rejects them. The length never changes, so positions keep their meaning.
 */
function withDoubleQuotes(expression: string): string {
  if (!expression.includes("'")) return expression
  return expression.replace(quote, '$1"$2')
}
