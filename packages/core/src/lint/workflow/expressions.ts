// The expressions of a workflow (`${{ … }}`, and conditions), and what they read of its inputs.
// https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
import { isJsonObject, type Json } from '../../json.ts'
import type { Path } from '../finding.ts'

export interface WorkflowExpression {
  /** The text that holds it. */
  path: Path
  text: string
  /** With blanks in place of its strings, so that names in them do not count. Of the same length. */
  plain: string
  /** Where it begins in the text of its place. */
  start: number
  /** Whether it is the condition of a job or a step. */
  isCondition: boolean
}

export function expressionsIn(document: Json): WorkflowExpression[] {
  return textsIn(document).flatMap(({ path, text }) => {
    const blocks = blocksOf(text)
    const isIf = path.at(-1) === 'if' && path[0] === 'jobs'
    if (isIf && blocks.length === 0) return [expression(text, 0, path, true)]
    return blocks.map(({ start, end }) => {
      const isWhole =
        start === text.indexOf(text.trimStart()) + 3 && text.trimEnd().length === end + 2
      return expression(text.slice(start, end), start, path, isIf && isWhole)
    })
  })
}

/** Every text of a document, with its place. */
export function textsIn(value: Json, path: Path = []): { path: Path; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, [...path, index]))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]))
}

/** The insides of `${{ }}`, in whose strings braces do not count. */
function blocksOf(text: string): { start: number; end: number }[] {
  const blocks: { start: number; end: number }[] = []
  for (let at = text.indexOf('${{'); at >= 0; at = text.indexOf('${{', at)) {
    const start = at + 3
    let isString = false
    let end = start
    while (end < text.length && (isString || !text.startsWith('}}', end))) {
      if (text[end] === "'") isString = !isString
      end++
    }
    if (end >= text.length) return blocks
    blocks.push({ start, end })
    at = end + 2
  }
  return blocks
}

function expression(
  text: string,
  start: number,
  path: Path,
  isCondition: boolean,
): WorkflowExpression {
  const plain = text.replace(/'(?:[^']|'')*'/g, (string) => `'${' '.repeat(string.length - 2)}'`)
  return { path, text, plain, start, isCondition }
}

/** Where an expression reads an input. */
export interface InputRead {
  name: string
  /** Whether it is read of the event, where every input is text. */
  isOfEvent: boolean
  index: number
  length: number
}

const READ = /(?<![\w.-])(github\.event\.)?inputs\.([A-Za-z_][\w-]*)/gi

export function inputReads({ plain }: WorkflowExpression): InputRead[] {
  return [...plain.matchAll(READ)].map((match) => ({
    name: match[2] ?? '',
    isOfEvent: match[1] !== undefined,
    index: match.index,
    length: match[0].length,
  }))
}

/** Where an expression reads a field of an input that holds JSON: `fromJSON(inputs.port_context).entity.title`. */
export interface FieldRead {
  input: string
  /** The names that lead to the field. */
  fields: readonly string[]
  index: number
  length: number
}

const FIELD =
  /fromJSON\(\s*(?:github\.event\.)?inputs\.([\w-]+)[^()]*\)((?:\.[A-Za-z_][\w-]*|\[\s*'[^']+'\s*\])*)/gi

export function fieldReads({ text }: WorkflowExpression): FieldRead[] {
  return [...text.matchAll(FIELD)].map((match) => ({
    input: match[1] ?? '',
    fields: [...(match[2] ?? '').matchAll(/\.([\w-]+)|'([^']+)'/g)].map(
      ([, plain, quoted]) => plain ?? quoted ?? '',
    ),
    index: match.index,
    length: match[0].length,
  }))
}
