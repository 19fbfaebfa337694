// Where the parts of a workflow stand in its text.
import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Edit } from './edits.ts'

/** Part of the text of a workflow, by offsets. */
export interface Span {
  from: number
  to: number
}

/** A comment of YAML, with its `#`. */
export interface Comment {
  at: number
  text: string
}

export function spanOfNode(node: Node): Span {
  return { from: node.range?.[0] ?? 0, to: endOf(node) }
}

/** Where the last value of a node, or of a pair, ends, without the comments behind it. */
export function endOf(node: unknown): number {
  if (isPair(node)) return endOf(node.value ?? node.key)
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const last: unknown = node.items.at(-1)
    if (last !== undefined && last !== null) return endOf(last)
  }
  return isNodeWithRange(node) ? node.range[1] : 0
}

/** Lines of comments that are indented more than the dash of a step belong to it. */
export function withCommentsBelow(source: string, from: number, column: number): number {
  const [comments = ''] = /^(?:[ \t]*#[^\n]*(?:\n|$))*/.exec(source.slice(from)) ?? []
  let to = from
  for (const line of comments.match(/[^\n]*\n?/g) ?? []) {
    if (line.search(/\S/) <= column) break
    to += line.length
  }
  return to
}

export function columnOf(source: string, at: number): number {
  return at - source.lastIndexOf('\n', at - 1) - 1
}

/** Every comment among the tokens of the parser, in the order of the text. */
export function commentsIn(token: unknown): Comment[] {
  if (Array.isArray(token)) return token.flatMap(commentsIn)
  if (typeof token !== 'object' || token === null) return []
  const { type, offset, source } = token as Record<string, unknown>
  if (type === 'comment') return [{ at: Number(offset), text: String(source).trimEnd() }]
  return Object.values(token).flatMap(commentsIn)
}

/** The whole lines of a part, without the empty ones at its end. */
export function linesOf(source: string, { from, to }: Span): Span {
  const last = from + source.slice(from, to).trimEnd().length
  const newline = source.indexOf('\n', last)
  return {
    from: source.lastIndexOf('\n', from - 1) + 1,
    to: newline === -1 ? source.length : newline + 1,
  }
}

/** The edit that takes a pair out of its map: its lines, or in flow style the pair with its comma. */
export function removalOfPair(source: string, map: YAMLMap, pair: Pair): Edit {
  const index = map.items.indexOf(pair)
  const [before, after] = [map.items[index - 1], map.items[index + 1]]
  const from = startOf(pair)
  if (!map.flow) return { ...linesOf(source, { from, to: endOf(pair) }), text: '' }
  if (after) return { from, to: startOf(after), text: '' }
  return { from: before ? endOf(before) : from, to: endOf(pair), text: '' }
}

/** From its key to the end of its last line. */
export function spanOfPair(source: string, pair: Pair): Span {
  const from = startOf(pair)
  return { from, to: linesOf(source, { from, to: endOf(pair) }).to }
}

function startOf({ key }: Pair): number {
  return isNodeWithRange(key) ? key.range[0] : 0
}

export function commentsAbove(source: string, from: number, end: number): number {
  let at = from
  while (at > end) {
    const start = source.lastIndexOf('\n', at - 2) + 1
    if (start < end || !source.slice(start, at).trimStart().startsWith('#')) break
    at = start
  }
  return at
}

export function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && Boolean(node.range)
}
