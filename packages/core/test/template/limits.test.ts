import { describe, expect, it } from 'vitest'
import { isThorough } from '../../../../test/support/thorough.ts'
import type { PortDispatchError } from '../../src/errors.ts'
import type { Json } from '../../src/json.ts'
import { type RenderOptions, renderMany, renderTemplate } from '../../src/template/index.ts'
import { requireEvaluated } from '../../src/template/require-evaluated.ts'

/** Milliseconds. A busy machine may take this much longer; an expression that is not stopped takes for ever. */
const GRACE = 150_000

async function timed(template: Json, context: Json, options: RenderOptions) {
  // jq's start is not what is measured here.
  await renderTemplate('{{ . + 1 }}', 1)
  const start = performance.now()
  const result = await renderTemplate(template, context, options)
  return { ...result, milliseconds: performance.now() - start }
}

/** One for each way: without an end, a stack, a text that is folded, one that grows, and depth. */
const hostile = [
  'def f: f; f',
  'def f: 1 + f; f',
  '"x" * 1e9',
  'reduce range(1e9) as $i (""; . + "xxxxxxxxxxxxxxxx")',
  'reduce range(100000) as $i (0; [.])',
  ...(isThorough
    ? [
        '[range(1e12)]',
        '. as $d | "x" * ($d.n * 1e9) | length',
        '[recurse([.])] | length',
        '"x" * 1e8 | [., ., ., .] | tojson | length',
      ]
    : []),
]

describe('an expression that does not end or eats memory', () => {
  it.each(hostile)('is stopped, and the others have their values: %s', async (expression) => {
    const template = {
      a: '{{ .n + 1 }}',
      bad: `{{ ${expression} }}`,
      b: '{{ .n + 2 }}',
      c: '{{ .n }}',
    }
    const { value, failures, milliseconds } = await timed(template, { n: 1 }, { timeout: 100 })
    expect(value).toEqual({ a: 2, bad: null, b: 3, c: 1 })
    expect(failures).toHaveLength(1)
    expect(failures[0]?.path).toBe('bad')
    expect(milliseconds).toBeLessThan(100 + GRACE)
    expect((await renderTemplate('{{ .n + 3 }}', { n: 1 })).value).toBe(4)
  })

  it('is told by its reason', async () => {
    const template = ['{{ def f: f; f }}', '{{ "x" * 1e9 }}', '{{ . as $n | "x" * ($n * 1e9) }}']
    const { failures } = await renderTemplate(template, 1, { timeout: 1000 })
    expect(failures).toMatchObject([
      {
        reason: 'limit',
        kind: 'time',
        message: 'It did not end within the time limit of 1000 ms',
      },
      { reason: 'limit', kind: 'memory', message: expect.stringContaining('128 MB') },
      { reason: 'limit', kind: 'memory' },
    ])
  })

  it('is told by its reason where jq itself gives up', async () => {
    const template = [
      '{{ reduce range(900) as $i (null; [.]) }}',
      '{{ . * 3000 | test("^(a+)+$b") }}',
      '{{ error("Regex failure") }}',
    ]
    const { failures } = await renderTemplate(template, 'aaaaaaaaaa', { timeout: 20_000 })
    expect(failures).toMatchObject([
      { reason: 'limit', kind: 'engine', message: expect.stringContaining('jq crashed') },
      { reason: 'limit', kind: 'steps', message: expect.stringContaining('more steps') },
      { reason: 'error', kind: 'runtime' },
    ])
    const adviceOn = (which: typeof failures) => {
      try {
        return requireEvaluated(which)
      } catch (error) {
        return (error as PortDispatchError).advice
      }
    }
    expect(adviceOn(failures.slice(0, 1))).toMatch(/less deeply/)
    expect(adviceOn(failures.slice(1, 2))).toMatch(/regular expression/)
    expect(adviceOn(failures.slice(2))).toBeUndefined()
  })

  it('may be one of several', async () => {
    const template = [
      '{{ def f: f; f }}',
      '{{ 1 + 1 }}',
      '{{ [range(1e12)] }}',
      '{{ 1 + 2 }}',
      '{{ last(range(1e12)) }}',
      '{{ 1 + 3 }}',
    ]
    const { value, milliseconds } = await timed(template, null, { timeout: 100 })
    expect(value).toEqual([null, 2, null, 3, null, 4])
    expect(milliseconds).toBeLessThan(100 + GRACE)
  })

  it('does not take others down when there are too many of them', async () => {
    const template = Array.from({ length: 20 }, (_, i) =>
      i < 3 ? '{{ 1 + 1 }}' : `{{ def f: f; f | ${i} }}`,
    )
    const { value, failures, milliseconds } = await timed(template, null, { timeout: 100 })
    expect(value).toEqual(Array.from({ length: 20 }, (_, i) => (i < 3 ? 2 : null)))
    expect(new Set(failures.map(({ kind }) => kind))).toEqual(new Set(['time']))
    expect(milliseconds).toBeLessThan(100 + GRACE)
  })

  it('gets the time that the others leave', async () => {
    const slow = 'reduce range(60000) as $i (0; . + $i)'
    const { value } = await timed([`{{ ${slow} }}`, '{{ 1 + 1 }}'], null, { timeout: 5000 })
    expect(value).toEqual([1799970000, 2])
  })

  it('in one context does not touch the others', async () => {
    const template = { a: '{{ if .hang then (def f: f; f) else .n + 1 end }}', b: '{{ .n + 2 }}' }
    const contexts = Array.from({ length: 20 }, (_, n) => ({ n, hang: n % 10 === 5 }))
    const outcomes = await renderMany(template, contexts, { timeout: 100 })
    expect(outcomes.map((outcome) => outcome.type === 'rendered' && outcome.result.value)).toEqual(
      contexts.map(({ n, hang }) => ({ a: hang ? null : n + 1, b: n + 2 })),
    )
  })
})
