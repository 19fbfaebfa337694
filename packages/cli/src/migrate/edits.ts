// Edits of a text by place, so that all that is not changed keeps its bytes: comments, quotes, blank lines.

/** Replaces the characters from `from` up to `to`. */
export interface Edit {
  from: number
  to: number
  text: string
}

/** The text with every edit made. Edits must not overlap; those at one place are made in their order. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const { from, to, text } of inOrder(edits)) {
    result += source.slice(at, from) + text
    at = to
  }
  return result + source.slice(at)
}

const CONTEXT_LINES = 3

interface Hunk {
  /** Numbers of lines, from 0; `to` is the line after the last one. */
  from: number
  to: number
  edits: Edit[]
}

/**
 * The edits as a unified diff, as `git diff` prints it and `git apply` takes it.
 *
 * @param path of the file, as it is to be named in the diff
 */
export function unifiedDiff(path: string, source: string, edits: readonly Edit[]): string {
  const starts = lineStarts(source)
  const lines = starts.map((start, line) => source.slice(start, starts[line + 1]))
  let shift = 0
  const parts = hunksOf(source, starts, edits).map((hunk) => {
    const { from, to } = hunk
    const begin = starts[from] ?? source.length
    const end = starts[to] ?? source.length
    const moved = hunk.edits.map((edit) => ({
      ...edit,
      from: edit.from - begin,
      to: edit.to - begin,
    }))
    const text = applyEdits(source.slice(begin, end), moved)
    const after = lineStarts(text).map((start, line, all) => text.slice(start, all[line + 1]))
    const before = lines.slice(from, to)
    const first = Math.max(0, from - CONTEXT_LINES)
    const last = Math.min(lines.length, to + CONTEXT_LINES)
    const body = [
      ...lines.slice(first, from).map((line) => ` ${line}`),
      ...compare(before, after),
      ...lines.slice(to, last).map((line) => ` ${line}`),
    ]
    const count = last - first
    const head = `@@ -${range(first, count)} +${range(first + shift, count + after.length - before.length)} @@\n`
    shift += after.length - before.length
    return head + body.map(withEnd).join('')
  })
  return parts.length === 0 ? '' : `--- a/${path}\n+++ b/${path}\n${parts.join('')}`
}

/** Edits whose lines, with their context, touch each other are shown as one. */
function hunksOf(source: string, starts: readonly number[], edits: readonly Edit[]): Hunk[] {
  const hunks: Hunk[] = []
  for (const edit of inOrder(edits)) {
    const from = lineAt(starts, edit.from)
    const isInsertion = edit.to === edit.from && starts[from] === edit.from
    const to = isInsertion && edit.text.endsWith('\n') ? from : lineAfter(source, starts, edit.to)
    const last = hunks.at(-1)
    if (last && from <= last.to + 2 * CONTEXT_LINES) {
      last.to = Math.max(last.to, to)
      last.edits.push(edit)
    } else hunks.push({ from, to, edits: [edit] })
  }
  return hunks
}

/** Lines that are the same in both stay as they are: the longest common subsequence, by its textbook table. */
function compare(before: readonly string[], after: readonly string[]): string[] {
  const length = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  )
  const at = (row: number, column: number) => length[row]?.[column] ?? 0
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = length[i] ?? []
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const result: string[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      result.push(` ${before[i++]}`)
      j++
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) {
      result.push(`-${before[i++]}`)
    } else result.push(`+${after[j++]}`)
  }
  return result
}

function withEnd(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`
}

function range(first: number, count: number): string {
  return `${count === 0 ? first : first + 1},${count}`
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.from - b.from || a.to - b.to)
}

/** Where each line begins. A text that ends with a line break has no empty last line. */
export function lineStarts(text: string): number[] {
  const starts = text === '' ? [] : [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    if (at + 1 < text.length) starts.push(at + 1)
  }
  return starts
}

function lineAt(starts: readonly number[], offset: number): number {
  const line = starts.findLastIndex((start) => start <= offset)
  return Math.max(line, 0)
}

function lineAfter(source: string, starts: readonly number[], offset: number): number {
  if (source[offset - 1] === '\n') return lineAt(starts, offset - 1) + 1
  return lineAt(starts, offset) + 1
}
