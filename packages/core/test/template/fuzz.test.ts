import { expect, it } from 'vitest'
import type { Json } from '../../src/json.ts'
import { renderMany, TemplateError } from '../../src/template/index.ts'
import { Random } from './random.ts'

const duration = Number(process.env.FUZZ_MILLISECONDS ?? 1000)

const pieces = [
  '{{',
  '}}',
  '{{ ',
  ' }}',
  '.',
  '.a',
  '..',
  '|',
  ',',
  ';',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '\\(',
  '#',
  '\n',
  '\r\n',
  ' ',
  '\0',
  '\u001e',
  '🐎',
  '\ud800',
  'if ',
  ' then ',
  ' else ',
  ' end',
  'def f: ',
  'f',
  ' as $x | ',
  '$x',
  '$ENV',
  '$__loc__',
  'env',
  'input',
  'halt',
  'empty',
  'error',
  'try ',
  ' catch ',
  'label $l | ',
  'break $l',
  'reduce ',
  'foreach ',
  '@base64',
  '?',
  '//',
  '==',
  '1',
  '1e1000',
  'null',
  'true',
  'range(5)',
  'spreadValue()',
  'debug',
  'stderr',
  'import "a" as a;',
  'tojson',
  '__proto__',
  'limit(1;',
  'first(',
  '%',
  '*',
  '-',
] as const

function text(random: Random): string {
  if (random.below(4) > 0) return random.times(12, () => random.pick(pieces)).join('')
  return Buffer.from(random.times(20, () => random.below(256))).toString(
    random.pick(['utf8', 'latin1']),
  )
}

function value(random: Random, depth = 0): Json {
  const kind = random.below(depth > 3 ? 2 : 5)
  if (kind < 2)
    return random.pick<() => Json>([
      () => text(random),
      () => `{{${text(random)}}}`,
      () => random.below(100),
      () => null,
    ])()
  if (kind === 2) return random.times(3, () => value(random, depth + 1))
  return Object.fromEntries(random.times(4, () => [text(random), value(random, depth + 1)]))
}

it('random templates and documents give a payload or a TemplateError, and never harm a good expression', async () => {
  const random = new Random(Number(process.env.FUZZ_SEED ?? 7))
  const end = performance.now() + duration
  let rendered = 0
  // However slow the machine is.
  while (performance.now() < end || rendered <= 50) {
    const template = value(random)
    const contexts = [value(random), { a: value(random) }]
    try {
      const payloads = await renderMany([template, '{{ 1 + 1 }}'], contexts, { timeout: 100 })
      for (const outcome of payloads) {
        if (outcome.type === 'failed') continue
        expect(outcome.result.value, JSON.stringify(template)).toHaveProperty('1', 2)
        rendered++
      }
    } catch (error) {
      if (!(error instanceof TemplateError))
        throw new Error(JSON.stringify({ template, contexts }), { cause: error })
    }
  }
})
