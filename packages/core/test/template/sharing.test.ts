import { expect, it } from 'vitest'
import type { Json } from '../../src/json.ts'
import { JqPool, renderTemplate } from '../../src/template/index.ts'
import { checkProgram } from '../../src/template/jq/program.ts'
import { Random } from './random.ts'

const pieces = [
  ...[
    '.',
    '.a',
    '.b',
    '..',
    '[',
    ']',
    '(',
    ')',
    '{',
    '}',
    '"',
    '"x"',
    '"\\(',
    ':',
    ',',
    ';',
    '|',
    ' ',
  ],
  ...[
    '#',
    '\n',
    '\\',
    '# \\\n',
    '1',
    '-1',
    '0.5',
    'null',
    '$x',
    'as $x |',
    'def g: ',
    'g',
    '; ',
    '?',
  ],
  ...[
    'if ',
    ' then ',
    ' else ',
    ' end',
    'elif',
    'try ',
    ' catch ',
    'error',
    'empty',
    'first(',
    'env',
  ],
  ...[
    'label $l | ',
    'break $l',
    'reduce ',
    'foreach ',
    '+',
    '-',
    '*',
    '/',
    '//',
    '==',
    'and',
    '|=',
    '=',
  ],
  ...[
    'range(3)',
    'map(',
    'tojson',
    'length',
    'keys',
    '@base64',
    '$ENV',
    '$__prog_args',
    'limit(2;',
    '[]',
  ],
] as const

/** What jq itself makes of an expression: its first output, null for an error. */
async function alone(host: JqPool, filter: string, document: string): Promise<string> {
  const { end, outputs, errors } = await host.run(
    { program: checkProgram(filter), documents: [document] },
    1000,
  )
  const line = outputs[0]?.[0]
  if (line !== undefined) return JSON.stringify(JSON.parse(line))
  if (end === 'done' && (errors === '' || /\(not a string\)|null$|: break$/u.test(errors)))
    return 'no output'
  return 'null'
}

it('random expressions come to the same among others as alone in jq', async () => {
  const random = new Random(Number(process.env.FUZZ_SEED ?? 11))
  const host = new JqPool()
  const context = { a: [1, { b: 'x' }], b: 'text' }
  const end = performance.now() + Number(process.env.FUZZ_MILLISECONDS ?? 1000)
  let accepted = 0
  while (performance.now() < end) {
    const filters = Array.from({ length: 40 }, () =>
      random.times(7, () => random.pick(pieces)).join(''),
    )
    // A block with an unclosed string or a brace pair is no template, so those are taken out here.
    const usable: string[] = []
    for (const filter of filters) {
      const isTemplate = await renderTemplate({ '{{ null }}': `{{${filter}\n}}` }, null).then(
        () => true,
        () => false,
      )
      if (isTemplate && !filter.includes("'")) usable.push(filter)
    }
    const template = Object.fromEntries(usable.map((filter, i) => [`k${i}`, `{{${filter}\n}}`]))
    const { value } = await renderTemplate(template, context)
    for (const [i, filter] of usable.entries()) {
      const ours = (value as Record<string, Json>)[`k${i}`]
      const jqs = await alone(host, `${filter}\n`, JSON.stringify(context))
      if (jqs !== 'null') accepted++
      expect(ours === undefined ? 'no output' : JSON.stringify(ours), filter).toBe(jqs)
    }
  }
  expect(accepted).toBeGreaterThan(0)
})
