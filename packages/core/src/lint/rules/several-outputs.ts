import type { LintedExpression } from '../expressions.ts'
import type { Rule } from '../finding.ts'
import type { Lintee } from '../lintee.ts'

export const severalOutputs: Rule<Lintee> = {
  id: 'several-outputs',
  severity: 'warning',
  summary: 'An expression has one output: of several, Port takes the first',
  *check({ expressions }) {
    for (const expression of expressions.all) {
      const { text, scope, filter, start, rejection } = expression
      if (scope !== 'template' || rejection) continue
      const index = iterationIn(expression)
      if (index === undefined) continue
      yield {
        path: text.path,
        ...(text.isKey && { isKey: true }),
        span: { index: start + index, length: 2 },
        message:
          'Port takes the first of the values only, and the pair is left out if there are none',
        advice: `Make a list of them: [${filter.trim()}]`,
      }
    }
  },
}

/** Takes one output, or asks for some: the first of them is meant. */
const CHOOSES = /\b(?:select|first|last|limit|nth|until|empty|reduce|foreach|label|any|all|index)\b/

/** The index of a `[]` that makes the whole expression have several outputs. */
function iterationIn({ filter }: LintedExpression): number | undefined {
  if (CHOOSES.test(filter)) return undefined
  let depth = 0
  // Strings hold no brackets that count.
  const plain = filter.replace(/"(?:[^"\\]|\\.)*"/g, (text) => ' '.repeat(text.length))
  for (let index = 0; index < plain.length; index++) {
    const char = plain[index] ?? ''
    if (depth === 0 && plain.startsWith('[]', index) && /[\w\].]/.test(plain[index - 1] ?? '')) {
      return index
    }
    if ('([{'.includes(char)) depth++
    if (')]}'.includes(char)) depth--
  }
  return undefined
}
