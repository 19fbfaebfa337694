import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/json.ts'
import { compileTemplate, TemplateError } from '../../src/template/index.ts'

function problems(template: Json): TemplateError['problems'] {
  try {
    compileTemplate(template)
  } catch (error) {
    if (error instanceof TemplateError) return error.problems
    throw error
  }
  return []
}

describe('a template that cannot be read', () => {
  it('is refused with every problem, its path, its index and what to do', () => {
    const template = {
      workflowInputs: { labels: ['fine', 'a {{ .x'], 'b c': 'x }} y' },
      '{{ .a {{ .b }}': 1,
    }
    expect(problems(template)).toMatchObject([
      {
        path: 'workflowInputs.labels[1]',
        index: 2,
        message: '"{{" at index 2 is never closed: add "}}" after its expression',
      },
      {
        path: 'workflowInputs["b c"]',
        index: 2,
        message: expect.stringContaining('"}}" at index 2 closes a block that was never opened'),
      },
      {
        path: '["{{ .a {{ .b }}"]',
        index: 6,
        message: expect.stringContaining('inside the one that opened at index 0'),
      },
    ])
  })

  it('is an error of the input that names each place in its message', () => {
    expect(() => compileTemplate({ a: '{{', b: ['}}'] })).toThrow(
      expect.objectContaining({
        code: 'INPUT',
        message: expect.stringMatching(/^a: .*\nb\[0\]: /u),
      }),
    )
  })

  it('names the quote when a string in a block does not end', () => {
    expect(problems("{{ 'it's' }}")).toMatchObject([
      { index: 0, message: expect.stringContaining("a string that opens with '") },
    ])
  })

  it('is refused when it is nested too deeply', () => {
    const deep: Json = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000))
    expect(problems(deep)).toMatchObject([{ message: expect.stringContaining('1000 levels') }])
  })
})

describe('a template that can be read', () => {
  it.each([
    '{{ "}}" }}',
    "{{ '{{' }}",
    '{{ "\\"}}" }}',
    '{{{a:1}}}',
    '{{ .a }}}',
    '\\{{ .a }}',
    '{ { } }',
    '}{',
  ])('%s', (template) => {
    expect(problems(template)).toEqual([])
  })

  it('knows which expressions need jq', () => {
    const { expressions, jqExpressions } = compileTemplate({
      a: '{{ .x }} {{ .x | length }}',
      '{{ .y | length }}': '{{ .x | length }}',
    })
    expect(expressions.map(({ source }) => source)).toEqual([
      '.x',
      '.x | length',
      '.y | length',
      '.x | length',
    ])
    expect(jqExpressions.filters).toEqual([' .x | length ', ' .y | length '])
  })
})
