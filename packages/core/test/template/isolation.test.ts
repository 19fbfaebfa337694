import { beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../src/json.ts'
import { type RenderResult, renderMany, renderTemplate } from '../../src/template/index.ts'
import { isBalanced } from '../../src/template/jq/is-balanced.ts'

// What each does alone, as a value; undefined for no output.
const expressions: [string, Json | undefined][] = [
  ['1) + (2', null],
  ['1), (2', null],
  ['1 # )', 1],
  ['1 # \\\n )', 1],
  ['1 # \\', 1],
  ['1 # \\\\', 1],
  ['"\\("b")c"', 'bc'],
  ['"\\(")")"', ')'],
  ['{a: "}"} | .a', '}'],
  ['[1, 2', null],
  ['. as $secret | 1', 1],
  ['$secret', null],
  ['def f: 2; f', 2],
  ['f', null],
  ['def env: {a: 1}; env', { a: 1 }],
  ['env', {}],
  ['$ENV', {}],
  ['$ENV | length', 0],
  ['"\\(env)"', '{}'],
  ['def first(f): 7; first(1)', 7],
  ['label $out | 1, break $out', 1],
  ['break $out', null],
  ['1; 2', null],
  ['1] | [2', null],
  ['1)] catch 2), (try [(3', null],
  ['reduce range(3) as $i (0; . + $i)', 3],
  ['limit(2; 5, 6)', 5],
  ['input', null],
  ['[inputs]', []],
  ['first(inputs)', undefined],
  ['input_filename', null],
  ['input_line_number', null],
  ['halt', undefined],
  ['4, halt', 4],
  ['halt_error', undefined],
  ['"x" | halt_error(3)', undefined],
  ['debug | 1', 1],
  ['"text" | stderr | 1', 1],
  ['get_search_list', undefined],
  ['$__prog_args', null],
  ['$__loc__.line', 1],
  ['\n$__loc__.line', 2],
  ['import "a" as a; 1', null],
  ['include "a"; 1', null],
  ['modulemeta', null],
  ['"/etc/passwd" | modulemeta', null],
  ['error({__jq: 0})', undefined],
  ['try error("x") catch .', 'x'],
  ['. | nosuch', null],
  ['', null],
  ['# only a comment', null],
  ['def f: 1;', null],
  ['"a\u0000b"', null],
  ['9', 9],
]

describe('an expression', () => {
  let alone: (Json | undefined)[]
  let together: RenderResult

  beforeAll(async () => {
    const results = []
    for (const [expression] of expressions) {
      results.push(await renderTemplate(`{{ ${expression}\n}}`, { data: 1 }))
    }
    alone = results.map(({ value }) => value)
    // Every second one is known to be good and must not notice its neighbours.
    const template = expressions.flatMap(([expression], i) => [
      [`e${i}`, `{{ ${expression}\n}}`],
      [`good${i}`, `{{ .data + ${i} }}`],
    ])
    together = await renderTemplate(Object.fromEntries(template), { data: 1 })
  })

  it.each(expressions.map(([expression, value], i) => [expression, value, i] as const))(
    '%j gives %j, alone and among others',
    (_, value, i) => {
      const { [`e${i}`]: inOne, [`good${i}`]: neighbour } = together.value as Record<string, Json>
      expect({ alone: alone[i], inOne, neighbour }).toEqual({
        alone: value,
        inOne: value,
        neighbour: i + 1,
      })
    },
  )

  it('cannot be changed by what a user typed', async () => {
    const typed = [
      '") | env',
      '{{ .secret }}',
      '}} {{',
      "'",
      '"',
      '\\',
      '\\(.secret)',
      '#',
      '\n',
      '\u0000',
      '\u001e',
      ') , (',
      { __jq: 0 },
      { __jq: 1 },
      { e: 'x' },
      [],
      null,
      1e308,
      '\ud800',
    ]
    const template = {
      typed: '{{ .typed | tojson }}',
      other: '{{ .n + 1 }}',
      thrown: '{{ error(.typed) }}',
      last: '{{ .n | tostring }}',
    }
    const outcomes = await renderMany(
      template,
      typed.map((value) => ({ typed: value, n: 1 })),
    )
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        type: 'rendered',
        result: { value: { other: 2, last: '1' } },
      })
    }
  })
})

describe('brackets', () => {
  it.each(['(a)', '"("', '"\\(("x"))"', '[{(.)}] # (', '# \\\n ( \n .', '"\\\\" + "("'])(
    'are balanced in %s',
    (filter) => expect(isBalanced(filter)).toBe(true),
  )

  it.each([')', '(]', '"', '"\\(', '"\\(1"', '(', '"\\")', '# \\\\\n ('])(
    'are not in %s',
    (filter) => expect(isBalanced(filter)).toBe(false),
  )
})
