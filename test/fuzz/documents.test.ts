import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '@port-dispatch/core'
import { parseDocument, readDocument } from '@port-dispatch/dispatcher/host'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { fuzz } from './fuzz.ts'

/** A value, or the refusal that a person reads. Any other error, and any value that is not JSON's, fails. */
async function outcome(document: Promise<unknown>): Promise<{ value: unknown } | string> {
  try {
    const value = await document
    JSON.stringify(value, refuseOthers)
    return { value }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect(error.message.length).toBeLessThan(2000)
    expect(error.message.split('\n').length).toBeLessThan(12)
    return error.message
  }
}

const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }).map(withoutMinusZero)
const printed = fc
  .tuple(json, fc.constantFrom(0, 1, 2))
  .map(([v, indent]) => JSON.stringify(v, null, indent))

const pieces = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    "'",
    '\\',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '  ',
    '-',
    '- ',
    '? ',
    '|',
    '>',
    '#',
  ],
  ...[
    '//',
    '/*',
    '*/',
    '&a',
    '*a',
    '!t ',
    '!!str ',
    '%',
    '@',
    '`',
    '---\n',
    '...\n',
    '<<',
    '{{',
    '}}',
    '~',
    'null',
  ],
  ...[
    'true',
    '0',
    '1e999',
    '.nan',
    'a',
    'a: ',
    'b: ',
    '"a":',
    '\0',
    '\ufeff',
    '\u2028',
    '\ud800',
    '\u00a0',
    'ü',
  ],
)
const soup = fc.array(fc.oneof(pieces, pieces, fc.string({ unit: 'binary', maxLength: 4 })), {
  maxLength: 40,
})

/** Cuts a part out of a text and puts another in its place. */
function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.nat(), fc.nat(3), fc.oneof(pieces, fc.constant('')))
    .map(([source, position, length, piece]) => {
      const at = position % (source.length + 1)
      return source.slice(0, at) + piece + source.slice(at + length)
    })
}

describe('whatever the text', () => {
  it('a document is a JSON value, or refused in a few lines', async () => {
    const yaml = json.map((value) => stringify(value))
    await fuzz(
      fc.oneof(
        soup.map((parts) => parts.join('')),
        mutated(printed),
        mutated(yaml),
      ),
      async (text) => {
        await outcome(parseDocument(text, 'action', 'The action', { excerpt: 'show' }))
      },
      6000,
    )
  })

  it('what is JSON is read as JSON.parse reads it, and never as YAML', async () => {
    await fuzz(
      fc.oneof(printed, mutated(printed)).filter((text) => /^\s*[{[]/.test(text)),
      async (text) => {
        const read = await outcome(parseDocument(text, 'action', 'The action'))
        const expected = parseOrUndefined(text)
        if (typeof read === 'string') {
          expect(read).toContain('is not valid JSON')
          if (expected !== undefined) expect(read).toMatch(/has already|is too large/)
        } else if (expected !== undefined) expect(read.value).toEqual(expected)
      },
      4000,
    )
  })

  it('comments and trailing commas change nothing', async () => {
    const extra = fc.constantFrom('', ' ', '\n', '/* { " */', '// ] "\n', '/**/')
    await fuzz(
      fc.tuple(json, extra, extra, extra),
      async ([value, a, b, c]) => {
        const inner = JSON.stringify(value)
        const text = `[${a}${inner}${b},${c}{"x"${c}:${a}${inner}${b},${a}},${b}]${c}`
        expect(await outcome(parseDocument(text, 'action', 'The action'))).toEqual({
          value: [value, { x: value }],
        })
      },
      2000,
    )
  })

  it('YAML that a program wrote is read as it was meant', async () => {
    await fuzz(
      json.filter((value) => value !== null),
      async (value) => {
        const text = `# written by a program\nvalue:\n${stringify([value]).replace(/^/gm, '  ')}`
        const read = await outcome(parseDocument(text, 'action', 'The action'))
        if (typeof read === 'object') expect(read.value).toEqual({ value: [value] })
        else
          expect(
            /\p{Cc}|[\ud800-\udfff\ufffe\uffff]/u.test(JSON.stringify(value)) ||
              text.includes('\r'),
            read,
          ).toBe(true)
      },
      1500,
    )
  })

  it('a refusal quotes nothing of a document that holds secrets', async () => {
    const secret = 'Zq7xW2vK9s'
    const context = fc
      .tuple(
        json,
        fc.constantFrom(JSON.stringify, (value: unknown) => stringify(value)),
      )
      .map(([inputs, print]) => print({ secrets: { token: secret }, inputs }))
    await fuzz(
      mutated(mutated(context)),
      async (text) => {
        const read = await outcome(parseDocument(text, 'context', 'The context'))
        if (typeof read === 'string') expect(read).not.toMatch(/Zq7x|xW2v|vK9s/)
      },
      4000,
    )
  })
})

describe('whatever the bytes', () => {
  let path: string
  beforeAll(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'fuzz-')), 'file')
  })
  afterAll(async () => rm(join(path, '..'), { recursive: true }))

  it('a file is a JSON value, or refused in a few lines', async () => {
    const mark = fc.constantFrom(
      [],
      [0xef, 0xbb, 0xbf],
      [0xff, 0xfe],
      [0xfe, 0xff],
      [0xff, 0xfe, 0, 0],
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      printed.map((text) => Buffer.from(text)),
      printed.map((text) => Buffer.from(text, 'utf16le')),
      printed.map((text) => Buffer.from(text, 'utf16le').swap16()),
    )
    await fuzz(
      fc.tuple(mark, bytes),
      async ([start, rest]) => {
        await writeFile(path, Buffer.concat([Buffer.from(start), rest]))
        await outcome(readDocument(path, 'The action', { excerpt: 'show' }))
      },
      1500,
    )
  })
})

/** JSON would make null, or nothing, of these. */
function refuseOthers(_key: string, value: unknown): unknown {
  const isPlain =
    Array.isArray(value) ||
    value === null ||
    ['string', 'boolean'].includes(typeof value) ||
    Number.isFinite(value) ||
    (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
  if (!isPlain) throw new TypeError(`${value} is not a value of JSON`)
  return value
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON has none: it comes back as 0. */
function withoutMinusZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
