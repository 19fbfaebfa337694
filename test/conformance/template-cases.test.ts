import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../packages/core/src/json.ts'
import { renderTemplate, TemplateError } from '../../packages/core/src/template/index.ts'

interface Cases {
  contexts: Record<string, Json>
  cases: ({ name: string; context: string; template: Json } & (
    | { expected?: Json }
    | { error: true }
  ))[]
}

// `expected` is what Port's own template code makes of a case; a case without it has no output.
describe.each(['template-cases.json', 'more-cases.json'])('%s', (file) => {
  const { contexts, cases }: Cases = JSON.parse(
    readFileSync(new URL(file, import.meta.url), 'utf8'),
  )

  it.each(cases)('$name', async (testCase) => {
    const context = contexts[testCase.context] ?? null
    const rendering = renderTemplate(testCase.template, context)
    if ('error' in testCase) {
      await expect(rendering).rejects.toThrow(TemplateError)
    } else {
      expect((await rendering).value).toEqual(testCase.expected)
    }
  })
})
