import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/json.ts'
import { renderMany, renderTemplate } from '../../src/template/index.ts'

const seed = 42

/** Any JSON value, whose strings often hold what means something in templates. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }).map((value) => value.toWellFormed()),
  fc.constantFrom(
    '{{',
    '}}',
    '{{ .secret }}',
    '"',
    "'",
    '\\',
    '\\(.secret)',
    '{{ spreadValue() }}',
    '__proto__',
  ),
)
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}))

const withoutBraces = json.filter((value) => !/\{\{|\}\}/u.test(JSON.stringify(value)))
const withoutEmptyKeys = withoutBraces.filter((value) => !JSON.stringify(value).includes('"":'))

const normal = (value: Json): Json => JSON.parse(JSON.stringify(value))

describe('rendering', () => {
  it('returns a template without blocks as it is', async () => {
    await fc.assert(
      fc.asyncProperty(withoutEmptyKeys, async (template) => {
        const { value, failures, notes } = await renderTemplate(template, null)
        expect({ value, failures, notes }).toEqual({
          value: normal(template),
          failures: [],
          notes: [],
        })
      }),
      { seed, numRuns: 300 },
    )
  })

  it('is single pass: what comes out of the context is not rendered', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        const template = { path: '{{ .v }}', jq: '{{ .v | . }}', text: 'x{{ .v | tojson }}' }
        const { value: payload } = await renderTemplate(template, { v: value, secret: 'no' })
        expect(payload).toMatchObject({ path: normal(value), jq: normal(value) })
        const { text: rendered } = payload as { text: string }
        expect(JSON.parse(rendered.slice(1))).toEqual(normal(value))
      }),
      { seed, numRuns: 200 },
    )
  })

  it('changes neither its template nor its context', async () => {
    const template = {
      a: ['{{ .v }}'],
      '{{ spreadValue() }}': '{{ .o }}',
      b: '{{ .v | [.] }}',
      c: { d: 'e' },
    }
    await fc.assert(
      fc.asyncProperty(json, fc.dictionary(text, json, { maxKeys: 3 }), async (v, o) => {
        const before = JSON.stringify([template, v, o])
        const { value } = await renderTemplate(template, { v, o })
        for (const part of Object.values(value as JsonObject)) {
          if (Array.isArray(part)) part.push('changed')
        }
        expect(JSON.stringify([template, v, o])).toBe(before)
      }),
      { seed, numRuns: 100 },
    )
  })

  it('of an expression does not depend on what a user gave to another', async () => {
    const template = {
      own: '{{ .fixed | map(. + 1) }}',
      a: '{{ .typed | tostring }}',
      b: 'x {{ .typed.x | ascii_downcase }}',
      c: '{{ error(.typed) }}',
      '{{ .typed | tojson }}': '{{ [.typed | .. ] | length }}',
      last: '{{ .fixed | add }}',
    }
    await fc.assert(
      fc.asyncProperty(fc.array(json, { minLength: 1, maxLength: 10 }), async (inputs) => {
        const contexts = inputs.map((typed) => ({ typed, fixed: [1, 2] }))
        const outcomes = await renderMany(template, contexts)
        for (const outcome of outcomes) {
          expect(outcome).toMatchObject({ result: { value: { own: [2, 3], last: 3 } } })
        }
      }),
      { seed, numRuns: 60 },
    )
  })

  it('of many contexts gives what rendering of each gives', async () => {
    const template = {
      k: '{{ .x }}',
      l: '{{ .x | length }}',
      m: 'a {{ .x[0].y // "none" }} {{ .x | keys }}',
    }
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 6 }), async (values) => {
        const contexts = values.map((x) => ({ x }))
        const together = await renderMany(template, contexts)
        for (const [i, context] of contexts.entries()) {
          const result = await renderTemplate(template, context)
          expect(together[i]).toEqual({ type: 'rendered', result })
        }
      }),
      { seed, numRuns: 40 },
    )
  })
})
