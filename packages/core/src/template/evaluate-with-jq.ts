import type { Json } from '../json.ts'
import type { Evaluation } from './assemble.ts'
import { JqEvaluation } from './jq-evaluation.ts'
import type { JqExpressions } from './jq-expressions.ts'
import { failed } from './jq-output.ts'

/** What a filter came to in one context. */
export type JqLookup = (filter: string) => Evaluation

/**
 * Evaluates many expressions on many contexts with as few calls of jq as can be.
 *
 * All expressions that can share a program are run as one, which jq compiles once for all contexts.
 * Of what goes wrong only the expression is taken out that was to blame, and the rest is run again.
 *
 * @param timeLimit milliseconds for each context
 * @returns one lookup per context, in their order
 */
export async function evaluateWithJq(
  expressions: JqExpressions,
  contexts: readonly Json[],
  timeLimit: number,
): Promise<JqLookup[]> {
  if (expressions.filters.length === 0) return contexts.map(() => () => tooDeep)
  const documents = contexts.map(toDocument)
  const usable = documents.filter((document) => document !== undefined)
  const evaluation = new JqEvaluation(expressions, usable, timeLimit)
  await evaluation.run()
  let next = 0
  return documents.map((document) => {
    if (document === undefined) return () => tooDeep
    const index = next++
    return (filter) => evaluation.result(filter, index)
  })
}

const tooDeep = failed('runtime', 'The context is nested too deeply for jq')

function toDocument(context: Json): string | undefined {
  let text: string
  try {
    text = JSON.stringify(context)
  } catch {
    return undefined
  }
  if (!text.includes('\\ud')) return text
  // JSON.stringify escapes half a surrogate pair, which jq does not read.
  return text.replace(/\\(?:\\|ud[89a-f][0-9a-f]{2})/gu, (found) =>
    found === '\\\\' ? found : '\ufffd',
  )
}
