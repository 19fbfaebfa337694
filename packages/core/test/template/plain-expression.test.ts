import { describe, expect, it } from 'vitest'
import { inputsOf } from '../../../../test/support/thorough.ts'
import type { Json } from '../../src/json.ts'
import { setOwn } from '../../src/json.ts'
import { JqPool } from '../../src/template/index.ts'
import { readOutput, sharedProgram } from '../../src/template/jq/program.ts'
import { plainExpression } from '../../src/template/plain/plain-expression.ts'
import { evaluatePlain } from '../../src/template/render-template.ts'
import { Random } from './random.ts'

describe('an expression that is evaluated without jq', () => {
  it('is what most templates are made of', () => {
    const filters = [
      '.',
      '.a',
      '.a.b.c',
      ' .a .b\n',
      '."x y"',
      '.a."b"',
      '.a["b"][0]',
      '.["a"].[-1]',
      '"text"',
      'null',
      '(.a)',
      'if (.inputs | has("x")) then "x" else null end',
      'if .inputs|has("x") then .inputs.x else {} end'.replace('{}', '"none"'),
      'if .a == "b" then 1 else .c end',
      '.a // .b // "c"',
    ]
    expect(filters.filter((filter) => plainExpression(filter) === undefined)).toEqual([])
  })

  it('is none that could mean more than it seems to', () => {
    const filters = [
      '',
      '..',
      '.a.',
      '.a.[',
      '.a[]',
      '.a?',
      '.[1:]',
      '.[01]',
      '.[-0]',
      '.[1.5]',
      '.a b',
      '.a, .b',
      '.a | .b',
      '.a |= 1',
      '.a //= 1',
      '.a ?// 1',
      '.a == .b',
      '. == 1 == 2',
      '"\\(.a)"',
      '"\\ud800"',
      '"a',
      '01',
      '1.0',
      '.1',
      'nulls',
      'null.a',
      'if .a then .b end',
      'if .a then .b elif .c then 1 else 2 end',
      '.a | has("x") // 1',
      '.a # comment',
      '.a\u00a0',
      '.a }',
      '@base64 "x"',
    ]
    expect(filters.filter((filter) => plainExpression(filter) !== undefined)).toEqual([])
  })
})

describe('compared with jq', () => {
  const pool = new JqPool()
  const keys = [
    'a',
    'b',
    'inputs',
    'x y',
    'ž',
    '🐎',
    '',
    'a"b\\c',
    '__proto__',
    'constructor',
    '0',
  ] as const
  const longKeys = [
    'aaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'ž'.repeat(20),
    'del\u007f',
  ] as const
  const scalars = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e17,
    1e-7,
    -0,
    2 ** 53,
    '',
    'a',
    'ž',
    '\ud800',
    'a\u0000b',
  ] as const

  function document(random: Random, depth: number): Json {
    const kind = random.below(depth > 3 ? 1 : 4)
    if (kind < 2 && depth > 0) return random.pick(scalars)
    if (kind === 2) return random.times(3, () => document(random, depth + 1))
    const object = {}
    for (const key of random.times(5, () => random.pick(keys))) {
      setOwn(object, key, document(random, depth + 1))
    }
    return object
  }

  function path(random: Random): string {
    const blank = () => random.pick(['', '', '', '', ' ', '\n', '\t '])
    const key = () => (random.below(20) === 0 ? random.pick(longKeys) : random.pick(keys))
    const quoted = () => JSON.stringify(key())
    const index = () => String(random.below(5) - 2).replace('-0', '0')
    const step = () =>
      random.pick<() => string>([
        () => `.${random.pick(['a', 'b', 'inputs', '__proto__', 'constructor', 'and', 'end'])}`,
        () => `.${quoted()}`,
        () => `[${blank()}${quoted()}${blank()}]`,
        () => `[${blank()}${index()}${blank()}]`,
        () => `.[${quoted()}]`,
      ])()
    const first = random.pick<() => string>([
      () => '.',
      () => `.a`,
      () => `.inputs`,
      () => `.${quoted()}`,
      () => `.[${index()}]`,
    ])()
    const steps = random.times(3, () => blank() + step()).join('')
    return first === '.' && !/^\s*\[/u.test(steps)
      ? `.${steps.replace(/^\s*\.?/u, '')}` || '.'
      : first + steps
  }

  function expression(random: Random, depth = 0): string {
    const inner = (): string => expression(random, depth + 1)
    const constant = (): string =>
      random.pick(['"a"', '"x y"', '""', '"\\u017e"', 'null', 'true', 'false', '0', '15'])
    if (depth > 2) return path(random)
    return random.pick<() => string>([
      () => path(random),
      () => path(random),
      constant,
      () => `(${inner()})`,
      () => `(${inner()} | has(${JSON.stringify(random.pick(keys))}))`,
      () => `(${inner()}) == ${constant()}`,
      () => `${path(random)}!=${constant()}`,
      () => `${path(random)} // ${path(random)}//${constant()}`,
      () => `if ${inner()} then ${inner()} else ${inner()} end`,
      () => `if(${path(random)}|has("a"))then ${inner()} else ${inner()} end`,
    ])()
  }

  async function compare(filters: string[], documents: Json[]): Promise<number> {
    const answer = await pool.run(
      {
        program: sharedProgram(filters),
        documents: documents.map((value) => JSON.stringify(value).replaceAll('\\ud800', '\\ufffd')),
      },
      10_000,
    )
    expect(answer.errors).toBe('')
    for (const [d, lines] of answer.outputs.entries()) {
      for (const [f, line] of lines.entries()) {
        const plain = plainExpression(filters[f] ?? '')
        if (plain === undefined) throw new Error(`Not plain: ${filters[f]}`)
        const ours = JSON.stringify(evaluatePlain(plain, documents[d] ?? null))
        const jqs = JSON.stringify(readOutput(line, ''))
        if (ours !== jqs) {
          expect.fail(`${filters[f]} on ${JSON.stringify(documents[d])}: ${ours}, but jq: ${jqs}`)
        }
      }
    }
    return answer.outputs.flat().length
  }

  it(`paths agree on ${inputsOf(100_000)} pairs, errors and nulls included`, async () => {
    const random = new Random(1)
    let pairs = 0
    while (pairs < inputsOf(100_000)) {
      const filters = Array.from({ length: 200 }, () => path(random))
      const documents = Array.from({ length: 50 }, () => document(random, 0))
      pairs += await compare(filters, documents)
    }
    expect(pairs).toBe(inputsOf(100_000))
  })

  it(`other plain expressions agree on ${inputsOf(100_000)} pairs`, async () => {
    const random = new Random(2)
    let pairs = 0
    while (pairs < inputsOf(100_000)) {
      const filters = Array.from({ length: 200 }, () => expression(random))
      const documents = Array.from({ length: 50 }, () => document(random, 0))
      pairs += await compare(filters, documents)
    }
    expect(pairs).toBe(inputsOf(100_000))
  })

  it('what looks plain among random texts means the same in jq', async () => {
    const random = new Random(3)
    const pieces = [
      '.',
      '.a',
      '"a"',
      '[',
      ']',
      '(',
      ')',
      '0',
      '-1',
      ' ',
      '|',
      'has("a")',
      '==',
      '!=',
      '//',
      'if',
      ' then ',
      ' else ',
      ' end',
      'null',
      'true',
      '\n',
      'b',
    ] as const
    const filters = Array.from({ length: 60_000 }, () =>
      random.times(8, () => random.pick(pieces)).join(''),
    ).filter((filter) => plainExpression(filter) !== undefined)
    const distinct = [...new Set(filters)].slice(0, 800)
    expect(distinct.length).toBeGreaterThan(200)
    await compare(distinct, [null, { a: [1, { a: 'x' }] }, [[{ a: 1 }], 0], 'text'])
  })
})
