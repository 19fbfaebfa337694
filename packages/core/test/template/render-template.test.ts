import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/json.ts'
import {
  compileTemplate,
  formatFailure,
  renderMany,
  renderTemplate,
  TemplateError,
} from '../../src/template/index.ts'

const context = {
  inputs: { name: 'billing', n: 3, tags: ['a', 'b'], nothing: null },
  run: { id: 'r_1' },
}

const render = (template: Json, data: Json = context) => renderTemplate(template, data)

describe('failures', () => {
  it('are listed with path, expression, message and position, in the order of the template', async () => {
    const { value, failures } = await render({
      workflowInputs: {
        labels: ['ok', '{{ .inputs.name.x }}', 'n:\n  {{ .inputs.n | nosuch }}!'],
        '{{ .inputs.n / 0 }}': 1,
      },
    })
    expect(value).toEqual({ workflowInputs: { labels: ['ok', null, 'n:\n  null!'] } })
    expect(failures).toEqual([
      {
        path: 'workflowInputs.labels[1]',
        expression: '.inputs.name.x',
        message: 'Cannot index string with string ("x")',
        reason: 'error',
        kind: 'runtime',
        text: '{{ .inputs.name.x }}',
        position: { index: 3, line: 1, column: 4 },
      },
      {
        path: 'workflowInputs.labels[2]',
        expression: '.inputs.n | nosuch',
        message: 'nosuch/0 is not defined',
        reason: 'error',
        kind: 'compile',
        text: 'n:\n  {{ .inputs.n | nosuch }}!',
        position: { index: 20, line: 2, column: 18 },
      },
      expect.objectContaining({
        path: 'workflowInputs["{{ .inputs.n / 0 }}"]',
        message: 'number (3) and number (0) cannot be divided because the divisor is zero',
      }),
    ])
  })

  it('of every expression that jq rejects are found, and the others have their values', async () => {
    const template = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `k${i}`,
        i % 4 === 1
          ? `{{ (.inputs.n + ${i} }}`
          : i % 4 === 3
            ? `{{ nosuch${i} }}`
            : `{{ .inputs.n + ${i} }}`,
      ]),
    )
    const { value, failures } = await render(template)
    expect(value).toEqual(
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i % 2 ? null : i + 3])),
    )
    expect(failures.map(({ path, kind }) => `${path} ${kind}`)).toEqual(
      Array.from({ length: 20 }, (_, i) => `k${2 * i + 1} compile`),
    )
    expect(failures[1]).toMatchObject({ message: 'nosuch3/0 is not defined' })
  })

  it('after which jq stumbles over the next expression leave that its value', async () => {
    const { value, failures } = await render([
      '{{def f: \\env}}',
      '{{\ud800\ud800}}',
      '{{ 1 + 1 }}',
    ])
    expect(value).toEqual([null, null, 2])
    expect(failures).toHaveLength(2)
  })

  it('point into the template string after characters of several bytes', async () => {
    const { failures } = await render('🐎 {{ "ž🐎" | nosuch }}')
    expect(failures[0]?.position).toEqual({ index: 14, line: 1, column: 15 })
  })

  it('in a value whose pair is dropped are not listed, as Port does not evaluate it', async () => {
    const { value, failures } = await render({ '{{ null }}': '{{ nosuch }}' })
    expect({ value, failures }).toEqual({ value: {}, failures: [] })
  })

  it.each([
    ['error(null)', 'null (not a string)'],
    ['error({a: 1})', '{"a":1} (not a string)'],
    ['error({__jq: 7})', '{"__jq":7} (not a string)'],
  ])('%s is an error without output, as in Port', async (expression, message) => {
    const { value, failures } = await render({ a: `{{ ${expression} }}`, b: '{{ 1 + 1 }}' })
    expect(value).toEqual({ b: 2 })
    expect(failures).toMatchObject([{ path: 'a', message, reason: 'error', kind: 'runtime' }])
  })

  it('that no try catches are told for each context', async () => {
    const outcomes = await renderMany('{{ error(.) }}', [{ __jq: 5 }, 'text', { __jq: 6 }])
    const messages = outcomes.map(
      (outcome) => outcome.type === 'rendered' && outcome.result.failures[0]?.message,
    )
    expect(messages).toEqual(['{"__jq":5} (not a string)', 'text', '{"__jq":6} (not a string)'])
  })

  it('are shown as by a compiler', async () => {
    const { failures } = await render({ a: ['first\n\tb {{ .inputs | nosuch }} c\nlast'] })
    expect(failures.map(formatFailure)).toEqual([
      [
        'a[0]: nosuch/0 is not defined',
        '  2 | \tb {{ .inputs | nosuch }} c',
        '    | \t               ^',
      ].join('\n'),
    ])
  })

  it('show foreign text without control characters, and in lines of our own', async () => {
    const data = { typed: '::error::x\n::warning::\u001b[31m\u2028\u007f' }
    const { failures } = await render('{{ error(.typed) }}', data)
    const template = await render({ '::notice::\u009b': 'a\u0007{{ nosuch }}' })
    for (const text of [...failures, ...template.failures].map(formatFailure)) {
      const lines = text.split('\n')
      expect(lines).toHaveLength(3)
      for (const line of lines) expect(line).not.toMatch(/^\s*::|[^\P{Cc}]|\u2028/u)
    }
    expect(failures.map(formatFailure)[0]).toContain('::error::x\\n::warning::\\u001b[31m')
  })

  it('are shown in a part of a long line', async () => {
    const { failures } = await render(`${'x'.repeat(500)}{{ nosuch }}${'y'.repeat(500)}`)
    const [, line = '', caret = ''] = failures.map(formatFailure).join().split('\n')
    expect(line.length).toBeLessThan(120)
    expect(line.slice(caret.indexOf('^')).startsWith('nosuch')).toBe(true)
  })
})

describe('notes', () => {
  it('tell what was left out', async () => {
    const { value, notes } = await render({
      '{{ .inputs.nothing }}': 1,
      'x{{ "" }}': 2,
      '{{ "" }}': 3,
      '{{ empty }}': 4,
      none: '{{ empty }}',
      in: { '{{ spreadValue() }}': '{{ .inputs.nothing }}' },
      '{{spreadValue()}}': '{{ .inputs.tags }}',
    })
    expect(value).toEqual({ x: 2, in: {}, 0: 'a', 1: 'b' })
    expect(notes.map(({ type, path }) => `${type} ${path}`)).toEqual([
      'dropped-key ["{{ .inputs.nothing }}"]',
      'dropped-key ["{{ \\"\\" }}"]',
      'dropped-key ["{{ empty }}"]',
      'no-output none',
      'null-spread in["{{ spreadValue() }}"]',
      'array-spread ["{{spreadValue()}}"]',
    ])
  })
})

describe('keys', () => {
  it('must be strings, and the error names the path', async () => {
    await expect(render({ a: [{ '{{ .inputs.n }}': 1 }] })).rejects.toThrow(
      /^a\[0\]\["\{\{ \.inputs\.n \}\}"\]: .*gave 3, but a key must be a string/u,
    )
  })

  it.each(['{{ empty }}', '{{ .inputs.name }}', 7, '{{ true }}'])(
    'spread only objects, not %s',
    async (value) => {
      const rendering = render({ body: { '{{ spreadValue() }}': value } })
      await expect(rendering).rejects.toThrow(TemplateError)
      await expect(rendering).rejects.toThrow(/^body\["\{\{ spreadValue\(\) \}\}"\]: /u)
    },
  )

  it('keep their place and take the later value', async () => {
    const { value } = await render({ a: 1, b: 2, '{{ "a" }}': 3, c: 4 })
    expect(JSON.stringify(value)).toBe('{"a":3,"b":2,"c":4}')
  })

  it('are own keys even if they are called __proto__', async () => {
    const { value } = await render(
      JSON.parse('{"__proto__":{"x":1},"{{ \\"__proto__\\" }}":{"y":2}}'),
    )
    expect(JSON.stringify(value)).toBe('{"__proto__":{"y":2}}')
    expect(Object.hasOwn({}, 'y')).toBe(false)
    expect(({} as { y?: number }).y).toBeUndefined()
  })

  it('from the context stay own keys, through a path and through jq', async () => {
    const data: Json = JSON.parse('{"a":{"__proto__":{"polluted":1}}}')
    for (const template of ['{{ .a }}', '{{ .a | . }}', { '{{ spreadValue() }}': '{{ .a }}' }]) {
      const { value } = await render(template, data)
      expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1}}')
    }
  })
})

describe('values', () => {
  it('of an array have null where there is no output, and may be undefined only at the root', async () => {
    expect((await render(['{{ empty }}'])).value).toEqual([null])
    expect((await render('{{ empty }}')).value).toBeUndefined()
  })

  it('share nothing with the context, the template, or each other', async () => {
    const template = {
      a: '{{ .inputs.tags }}',
      b: '{{ .inputs.tags }}',
      c: '{{ .inputs.tags | . }}',
      d: '{{ .inputs.tags | . }}',
      e: ['x'],
    }
    const compiled = compileTemplate(template)
    const { value } = await renderTemplate(compiled, context)
    for (const list of Object.values(value as Record<string, string[]>)) list.push('changed')
    expect(context.inputs.tags).toEqual(['a', 'b'])
    expect((await renderTemplate(compiled, context)).value).toEqual({
      a: ['a', 'b'],
      b: ['a', 'b'],
      c: ['a', 'b'],
      d: ['a', 'b'],
      e: ['x'],
    })
    expect(value).toMatchObject({ c: ['a', 'b', 'changed'], d: ['a', 'b', 'changed'] })
  })

  it('are the same by a path and by jq at the edges', async () => {
    const data: Json = {
      a: [
        -0,
        1e17,
        5e-324,
        1.7976931348623157e308,
        '\ud800x\udc00',
        'a\u0000b',
        '\u2028',
        '\\ud800',
      ],
    }
    const byPath = await render({ v: 'x{{ .a }}' }, data)
    const byJq = await render({ v: 'x{{ .a | . }}' }, data)
    expect(byPath).toEqual(byJq)
  })

  it('that JSON does not have are null', async () => {
    const { value } = await render(['{{ nan }}', '{{ 1e1000 }}', '{{ [1e1000, "1E+1000"] }}'])
    expect(value).toEqual([null, null, [null, '1E+1000']])
  })

  it('nested too deeply for jq fail, and no more', async () => {
    const data: Json = { a: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)), b: 1 }
    const { value, failures } = await render(
      { a: '{{ .a }}', b: '{{ .b }}', c: '{{ .b + 1 }}' },
      data,
    )
    expect(value).toEqual({ a: null, b: 1, c: null })
    expect(failures.map(({ message }) => message)).toEqual([
      'The value is nested too deeply',
      'The context is nested too deeply for jq',
    ])
  })

  it('may be wide', async () => {
    const template = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`k${i}`, `{{ ${i} + 1 }}`]),
    )
    const { value } = await render(template)
    expect(value).toEqual(
      Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, i + 1])),
    )
  })
})

describe('renderMany', () => {
  it('keeps the order, and an error in one context to itself', async () => {
    const template = { '{{ .key }}': '{{ .n + 1 }}', s: '{{ .s | ascii_upcase }}' }
    const outcomes = await renderMany(template, [
      { key: 'a', n: 1, s: 'x' },
      { key: 7, n: 2, s: 'y' },
      { key: 'c', n: 'text', s: null },
      null,
      { key: 'e', n: 5, s: 'z' },
    ])
    const brief = outcomes.map((outcome) =>
      outcome.type === 'failed'
        ? outcome.error.problems.map(({ path }) => path)
        : [outcome.result.value, outcome.result.failures.length],
    )
    expect(brief).toEqual([
      [{ a: 2, s: 'X' }, 0],
      ['["{{ .key }}"]'],
      [{ c: null, s: null }, 2],
      [{ s: null }, 1],
      [{ e: 6, s: 'Z' }, 0],
    ])
  })

  it('renders nothing for no contexts', async () => {
    expect(await renderMany('{{ . + 1 }}', [])).toEqual([])
  })

  it('can run at the same time as others', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => render(`{{ .n + ${i % 5} }}`, { n: i })),
    )
    expect(results.map(({ value }) => value)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + (i % 5)),
    )
  })
})

describe('an expression that is null because a name does not exist', () => {
  const context = { inputs: { size: 2, 'team name': 'a' }, entity: null, event: { diff: {} } }

  async function notesOf(expression: string, missingKeys?: 'misspelled' | 'all') {
    const { notes } = await renderTemplate({ a: expression }, context, {
      ...(missingKeys && { missingKeys }),
    })
    return notes.filter(({ type }) => type === 'missing-key').map(({ message }) => message)
  }

  it.each([
    ['{{ .inputs.sise }}', 'null because .inputs has no "sise". Did you mean "size"?'],
    [
      '{{ .inputs["Team Name"] }}',
      'null because .inputs has no "Team Name". Did you mean "team name"?',
    ],
    ['n={{ .input.size }}', 'null because the context has no "input". Did you mean "inputs"?'],
    ['{{ .inputs.sise | tostring }}', 'null because .inputs has no "sise". Did you mean "size"?'],
    ['{{ .event.dif.before }}', 'null because .event has no "dif". Did you mean "diff"?'],
    [
      '{{ .inputs.sise | ascii_downcase }}',
      'null because .inputs has no "sise". Did you mean "size"?',
    ],
  ])('%s is noted, with the name that is like it', async (expression, message) => {
    expect(await notesOf(expression)).toEqual([message])
  })

  it.each([
    ['{{ .inputs.colour }}', 'null because .inputs has no "colour". It has size, team name'],
    ['{{ .event.diff.before }}', 'null because .event.diff has no "before". It is empty'],
    ['{{ .entity.identifier }}', 'null because .entity is null'],
  ])('%s is noted where every missing name matters', async (expression, message) => {
    expect(await notesOf(expression)).toEqual([])
    expect(await notesOf(expression, 'all')).toEqual([message])
  })

  it.each([
    '{{ .inputs.sise // 3 }}',
    '{{ .inputs | has("sise") }}',
    '{{ if .inputs.sise then 1 else null end }}',
    '{{ .entity }}',
  ])('%s means what it says', async (expression) => {
    expect(await notesOf(expression, 'all')).toEqual([])
  })
})
