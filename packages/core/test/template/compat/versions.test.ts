import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { inputsOf } from '../../../../../test/support/thorough.ts'
import type { Json } from '../../../src/json.ts'
import { inspect } from '../../../src/template/compat/inspect.ts'
import { readSyntax, type SyntaxVisitor } from '../../../src/template/compat/syntax.ts'
import { compileTemplate, type RenderResult, renderTemplate } from '../../../src/template/index.ts'
import { Random } from '../random.ts'
import { document, Grammar } from './grammar.ts'
import { Jq16, type Outcome } from './jq-1.6.ts'

async function notesOf(expression: string): Promise<string[]> {
  const { notes } = await renderTemplate({ a: `{{ ${expression}\n}}` }, document)
  return notes.filter(({ type }) => type === 'jq-version').map(({ message }) => message)
}

const rejects =
  "jq 1.6, on which Port's published binding is built, does not accept this expression and gives null"

describe('a note on jq 1.6', () => {
  it.each([
    ['.s | trim', '`trim` needs jq 1.8'],
    ['.l | add(.[])', '`add` with an argument needs jq 1.8'],
    ['.s | scan("b"; "i")', '`scan` with 2 arguments needs jq 1.7'],
    ['.o | pick(.x)', '`pick` needs jq 1.7'],
    ['"\\(.s | trim)"', '`trim` needs jq 1.8'],
    ['.s | trim | ltrim', '`trim` and `ltrim` need jq 1.8'],
    ['if .a then 1 end', '`if` without `else` needs jq 1.7'],
    ['.l.[0]', 'A dot before `[`, as in `.a.[0]` needs jq 1.7'],
    ['.["l"].[0]', 'A dot before `[`, as in `.a.[0]` needs jq 1.7'],
    ['1 as $x | {$x: 2}', 'A variable as key without parentheses, as in `{$x: 1}` needs jq 1.7'],
    ['. as $and | 1', 'A variable that is named like a keyword needs jq 1.7'],
    [
      '{a: .missing // "b"}',
      'An operator without parentheses in the value of an object, as in `{a: .b // "c"}` needs jq 1.8',
    ],
    [
      '{a: if .a then 1 else 2 end}',
      '`if`, `reduce`, `foreach`, `try` or `?` without parentheses where a value is needed needs jq 1.8',
    ],
  ])('says what %s needs', async (expression, needs) => {
    expect(await notesOf(expression)).toEqual([`${needs}. ${rejects}`])
  })

  it.each([
    ['.w | tonumber', 'has another value', '`tonumber` on a number with white space around it'],
    ['.a | ltrimstr("x") + 1', 'has another value', '`ltrimstr` on what is not a string'],
    ['[limit(0; .l[])]', 'has another value', '`limit` with a count below 1'],
    ['limit(0; .l[])', 'has another value', '`limit` with a count below 1'],
    ['.s * 0', 'is null', 'a string times a number below 1'],
    ['.s | gsub(""; "-")', 'does not end', 'replacing by a regular expression'],
    ['"aab" | gsub("^a"; "x")', 'has another value', 'replacing by a regular expression'],
    ['.u | index("x")', 'has another value', 'the position in a string'],
    ['1 + 2 as $x | $x * 5', 'has another value', '`as` after an operator'],
    ['.l | .[1.5]', 'is null', 'an index that is not a whole number'],
    ['.l[.f]', 'is null', 'an index that is not a whole number'],
    ['.l[.l[0] / 2]', 'is null', 'an index that is not a whole number'],
    ['last(empty)', 'is null', '`last` of no value'],
    ['"a%20b" | @urid', 'is null', '`@urid` (new in jq 1.8)'],
    ['@urid "\\("%41")"', 'is null', '`@urid` (new in jq 1.8)'],
    ['.s | index("")', 'does not end', 'the position in a string'],
    ['[1, error(null), 2]', 'has another value', '`error` with null'],
    ['[try error(.n) catch 5]', 'has another value', '`error` with null'],
    ['.big % 7', 'has another value', '`%` of a number beyond 64 bits'],
    ['[2015, 2, 5, 23, 51, 47] | mktime', 'is null', 'with fewer than eight parts'],
    ['"ab" | [match("()"; "g").offset]', 'has another value', 'that matches nothing'],
    ['.a # one \\\n + 1', 'has another value', 'a comment that ends with a backslash'],
    ['.a # one \\\n two words', 'is null', 'a comment that ends with a backslash'],
    ['# one \\\n two | \n .s', 'is null', 'a comment that ends with a backslash'],
    ['.s + "!" | @uri', 'has another value', '`@uri` of the characters'],
    ['[.l[] |= empty]', 'has another value', '`|=` with a filter that has no output'],
    ['(.s)? | .[0]', 'can have no output or another value', '`try` and `?` before an error'],
  ])('says that %s %s', async (expression, result, what) => {
    const [note, ...others] = await notesOf(expression)
    expect(note).toContain(`this expression ${result}: `)
    expect(note).toContain(what)
    expect(others).toEqual([])
  })

  it.each(['.o | debug', 'input', 'first(inputs)'])(
    'says on what Port crashes: %s',
    async (expression) => {
      expect(await notesOf(expression)).toEqual([
        expect.stringMatching(/^Port's published binding, which is built on jq 1.6, crashes on `/),
      ])
    },
  )

  it.each([
    '"trim"',
    '"if . then 1 end"',
    '.trim',
    '.o["trim"]',
    '{trim: 1}',
    '{"trim": 1, abs: 2}',
    'def trim: 1; trim',
    'def f(trim): trim; f(2)',
    'def abs: 1; def f: abs; f',
    '1 as $trim | $trim',
    '.a # | trim',
    '.t | ltrimstr("2015")',
    '"12" | tonumber',
    '[limit(2; .l[])]',
    '.l | limit(.[1]; .[])',
    '.s | gsub(" "; "-")',
    '.s | gsub("[^a-z]+"; "-")',
    '.s | gsub("^A"; "x")',
    '.s | index("d")',
    '.s * 2',
    '.a * 2',
    '(.l[] | select(. > 9)) |= empty',
    '.missing? // "none"',
    '.s?',
    'if .a then 1 else 2 end | . + 1',
    '{a: -1, b: (.missing // "b"), c: .a | tostring}',
    '-(.a)',
    '.a as $x | $x',
    '.l[1]',
    '.l[-1:]',
    '.l[0.9:1.5]',
    '.o[.s[0:0] + "x"]',
    '.l[.a]',
    '.l[0] % 2',
    'error("x")',
    '.a # one \\\\\n + 1',
    '.a # one \n + 1',
    '1, (.s | @urid)',
    '@urid "x"',
    '@uri "a=\\(.a)"',
    '@text',
    'now * 1000000 | tostring | tonumber',
  ])('is not made of %s', async (expression) => {
    expect(await notesOf(expression)).toEqual([])
  })

  it('can be turned off, and never changes a result', async () => {
    const template = ['{{ .s | trim }}', '{{ .w | tonumber }}', '{{ .s * 0 }}', '{{ .s }}']
    const on = await renderTemplate(template, document)
    const off = await renderTemplate(template, document, { jqCompat: 'off' })
    expect(on.notes.map(({ path }) => path)).toEqual(['[0]', '[1]', '[2]'])
    expect(off).toEqual({ ...on, notes: [] })
  })

  it('does not show values', async () => {
    const { notes } = await renderTemplate('{{ .secret | ltrimstr(1) }}', { secret: 'hunter2' })
    expect(notes).toHaveLength(1)
    expect(JSON.stringify(notes)).not.toContain('hunter2')
  })
})

describe('as with jq 1.6', () => {
  it.each([
    ['1.0', '1'],
    ['1E2', '100'],
    ['.big', '1e+20'],
    ['.small', '1e-05'],
    ['1e17', '1e+17'],
    ['0.10', '0.1'],
    ['123456789012345678', '123456789012345680'],
  ])('a number in text is written: %s', async (number, text) => {
    const { value } = await renderTemplate(
      `{{ [(${number} | tostring), "\\(${number})"] }}`,
      document,
    )
    expect(value).toEqual([text, text])
  })

  it('times can be written with their zone, as they are where Port runs', async () => {
    const template = [
      '{{ 1425599507 | strftime("%H %Z, %%Z") }}',
      '{{ .t | fromdate | strflocaltime("%Z") }}',
    ]
    const { value, failures, notes } = await renderTemplate(template, document)
    expect({ value, failures, notes }).toEqual({
      value: ['23 UTC, %Z', 'UTC'],
      failures: [],
      notes: [],
    })
  })

  it('functions that later versions removed work', async () => {
    const template = ['{{ [.o | leaf_paths] }}', '{{ [.o.y | _nwise(1)] }}', '{{ 2 | pow10 }}']
    const { value, failures } = await renderTemplate(template, document)
    expect({ value, failures }).toEqual({
      value: [[['x'], ['y', 0], ['y', 1]], [[1], [2]], 100],
      failures: [],
    })
  })

  it('an infinite number is null, but the largest is not', async () => {
    const infinite = await renderTemplate(['{{ infinite }}', '{{ [-infinite] }}'], null)
    expect(infinite.value).toEqual([null, [null]])
    const largest = await renderTemplate('{{ [.] | .[0] }}', Number.MAX_VALUE)
    expect(largest.value).toBe(Number.MAX_VALUE)
  })
})

// Both versions of jq, on the same expressions.
describe('compared with jq 1.6', () => {
  const jq = new Jq16()
  afterAll(() => jq.close())

  interface Row {
    expression: string
    result: RenderResult
    outcome?: Outcome
  }

  async function compare(expressions: readonly string[], context: Json): Promise<Row[]> {
    const rows: Row[] = []
    for (const expression of expressions) {
      rows.push({ expression, result: await renderTemplate(`{{ ${expression}\n}}`, context) })
    }
    // jq 1.6 takes minutes to show that it does not end.
    const ending = rows.filter(({ result }) => !hasNote(result, 'does not end'))
    // What is rejected would cost the others a call each.
    const rejected = ending.filter(({ result }) => hasNote(result, 'does not accept'))
    const accepted = ending.filter((row) => !rejected.includes(row))
    const batches = rejected.map((row) => [row])
    for (let i = 0; i < accepted.length; i += 24) batches.push(accepted.slice(i, i + 24))
    for (const batch of batches) {
      const filters = batch.map(({ expression }) => expression)
      const outcomes = await jq.evaluate(filters, JSON.stringify(context))
      for (const [i, row] of batch.entries()) {
        const outcome = outcomes[i]
        if (outcome !== undefined) row.outcome = outcome
      }
    }
    return ending
  }

  function hasNote({ notes }: RenderResult, text: string): boolean {
    return notes.some(({ message }) => message.includes(text))
  }

  /** What is wrong with a row, or undefined. */
  function mistake({ expression, result, outcome }: Row): string | undefined {
    const ours = result.value === undefined ? 'no output' : JSON.stringify(result.value)
    const theirs = outcome?.type === 'value' ? outcome.json : outcome?.type
    const line = `${expression}   jq 1.8: ${ours}   jq 1.6: ${theirs}`
    // Which errors jq 1.6 catches by a `try` before them, and what comes of it, cannot be told without it.
    if (inspect(expression).catches) return undefined
    if (hasNote(result, 'crashes on')) return undefined
    // It is noted whatever the value, which with other data is not null.
    if (hasNote(result, 'does not accept')) return theirs === 'null' ? undefined : `noted: ${line}`
    const isNoted = result.notes.some(({ type }) => type === 'jq-version')
    if (isNoted === (ours !== theirs)) return undefined
    return `${isNoted ? 'noted' : 'not noted'}: ${line}`
  }

  it('random expressions have a note where, and only where, it makes something else of them', async () => {
    const grammar = new Grammar(new Random(Number(process.env.FUZZ_SEED ?? 3)))
    const expressions = Array.from({ length: inputsOf(500) }, () =>
      // Two braces would end the block of the template.
      grammar.query().replaceAll('{{', '{ {').replaceAll('}}', '} }'),
    )
    const rows = await compare(expressions, document)
    expect(rows.flatMap((row) => mistake(row) ?? [])).toEqual([])
    expect(rows.filter(({ result }) => result.notes.length > 0).length).toBeGreaterThan(
      inputsOf(60),
    )
    expect(rows.filter(({ outcome }) => outcome?.type === 'value').length).toBeGreaterThan(
      inputsOf(60),
    )
    // What jq accepts is understood.
    const unknown = rows.filter(
      ({ expression, result }) =>
        result.failures[0]?.kind !== 'compile' && !readSyntax(expression, silent),
    )
    expect(unknown.map(({ expression }) => expression)).toEqual([])
  })

  it.each(['template-cases.json', 'more-cases.json'])(
    '%s have notes where it makes something else of them',
    async (file) => {
      const { contexts, cases }: Cases = JSON.parse(
        readFileSync(new URL(`../../../../../test/conformance/${file}`, import.meta.url), 'utf8'),
      )
      const byContext = new Map<string, Set<string>>()
      for (const { context, template, error } of cases) {
        if (error) continue
        const expressions = byContext.get(context) ?? new Set<string>()
        byContext.set(context, expressions)
        for (const { filter } of compileTemplate(template).expressions) {
          if (!ownWays.test(filter) && !/'|\{\{|\}\}/.test(filter)) expressions.add(filter)
        }
      }
      const mistakes: string[] = []
      for (const [context, expressions] of byContext) {
        const rows = await compare([...expressions], contexts[context] ?? null)
        mistakes.push(...rows.flatMap((row) => mistake(row) ?? []))
      }
      expect(mistakes).toEqual([])
    },
    120_000,
  )
})

interface Cases {
  contexts: Record<string, Json>
  cases: { context: string; template: Json; error?: true }[]
}

/** What jq as a command and jq as a library do differently, and what ends the command. */
const ownWays =
  /\b(?:halt|halt_error|input|inputs|input_filename|input_line_number|modulemeta|get_search_list|stderr|now|error)\b|\$__/

const silent: SyntaxVisitor = {
  call: () => {},
  format: () => {},
  number: () => {},
  index: () => {},
  operator: () => {},
  binding: () => {},
  catching: () => {},
  longComment: () => {},
  novelty: () => {},
}
