import { printParseErrorCode, visit } from 'jsonc-parser'
import { explainJsonError } from './explain-json-error.ts'
import { type Flaw, type Flawed, flawed, TOO_DEEP } from './parsed.ts'

export type ParsedJsonc =
  /** `json` is the text with spaces in place of comments and trailing commas. */
  { type: 'jsonc'; json: string; value: unknown } | Flawed

/** Parses JSON with comments and trailing commas, and says what is wrong with it, where. */
export function parseJsonc(text: string): ParsedJsonc {
  const read = readTokens(text)
  if (read.flaw) return flawed(read.flaw)
  const json = withBlanks(text, read.extras)
  try {
    return { type: 'jsonc', json, value: JSON.parse(json) }
  } catch {
    return flawed({ found: 'is not valid JSON' })
  }
}

/** What `JSON.parse` makes less of than was written: a key that an object has twice, a number that becomes infinite. */
export function findLoss(json: string): Flaw | undefined {
  const objects: Map<string, number>[] = []
  let flaw: Flaw | undefined
  visit(json, {
    onObjectBegin: () => void objects.push(new Map()),
    onObjectEnd: () => void objects.pop(),
    onObjectProperty: (key, offset, _length, line) => {
      const before = objects.at(-1)?.get(key)
      if (before !== undefined) {
        flaw ??= {
          found: `found a key that the object has already in line ${before}`,
          advice: 'Remove one of them',
          offset,
        }
      } else objects.at(-1)?.set(key, line + 1)
    },
    onLiteralValue: (value, offset) => {
      if (typeof value !== 'number' || Number.isFinite(value)) return
      flaw ??= { found: 'found a number that is too large', offset }
    },
  })
  return flaw
}

type Range = readonly [start: number, end: number]

class Stop extends Error {
  override readonly name = 'Stop'
}

function readTokens(text: string): { extras: Range[]; flaw?: Flaw } {
  const extras: Range[] = []
  const open: number[] = []
  let closed: number | undefined
  let comma: number | undefined
  let flaw: Flaw | undefined
  const begin = (offset: number) => {
    open.push(offset)
    comma = undefined
  }
  const end = () => {
    closed = open.pop()
    if (comma !== undefined) extras.push([comma, comma + 1])
    comma = undefined
  }
  const go = () => {
    comma = undefined
  }
  try {
    visit(
      text,
      {
        onComment: (offset, length) => void extras.push([offset, offset + length]),
        onSeparator: (char, offset) => {
          if (char === ',') comma = offset
        },
        onObjectBegin: begin,
        onArrayBegin: begin,
        onObjectEnd: end,
        onArrayEnd: end,
        onObjectProperty: go,
        onLiteralValue: go,
        onError: (code, offset) => {
          const name = printParseErrorCode(code)
          // It reports the end of what is not closed before it says that it is not.
          const bracket = name.startsWith('Close') ? closed : open.at(-1)
          flaw = explainJsonError(text, name, offset, bracket)
          throw new Stop()
        },
      },
      { allowTrailingComma: true },
    )
  } catch (error) {
    if (error instanceof RangeError) flaw = { found: TOO_DEEP }
    else if (!(error instanceof Stop)) throw error
  }
  // A trailing comma is known at the bracket behind it, after the comments between.
  extras.sort(([a], [b]) => a - b)
  return { extras, ...(flaw && { flaw }) }
}

function withBlanks(text: string, ranges: readonly Range[]): string {
  const parts: string[] = []
  let done = 0
  for (const [start, end] of ranges) {
    parts.push(text.slice(done, start), ' '.repeat(end - start))
    done = end
  }
  return parts.join('') + text.slice(done)
}
