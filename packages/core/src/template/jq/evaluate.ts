import type { Json } from '../../json.ts'
import type { JqExpressions } from '../compiled-template.ts'
import { type Evaluation, failed } from '../evaluation.ts'
import { JqPool } from './pool.ts'
import { WorkList } from './work-list.ts'

/** What a filter came to in one context. */
export type JqLookup = (filter: string) => Evaluation

export interface JqOptions {
  /** Milliseconds of CPU time for each context. */
  timeout: number
  /** Default: the one that this process shares. */
  pool?: JqPool | undefined
  /** JSON text of what `env` and `$ENV` are. Default: nothing, as in Port. */
  environment?: string | undefined
}

const sharedPool = new JqPool()

/**
 * Evaluates many expressions on many contexts with as few calls of jq as can be.
 *
 * All expressions that can share a program are run as one, which jq compiles once for all contexts.
 * Of what goes wrong only the expression is taken out that was to blame, and the rest is run again.
 *
 * @returns one lookup per context, in their order
 */
export async function evaluateWithJq(
  expressions: JqExpressions,
  contexts: readonly Json[],
  { timeout, pool = sharedPool, environment }: JqOptions,
): Promise<JqLookup[]> {
  const documents = contexts.map(toDocument)
  const usable = documents.filter((document) => document !== undefined)
  const work = new WorkList(expressions, usable, timeout, pool, environment)
  await work.run()
  let next = 0
  return documents.map((document) => {
    if (document === undefined) return () => tooDeep
    const index = next++
    return (filter) => work.result(filter, index)
  })
}

/** Has jq compile expressions, whatever they come to: fills the `rejected` of the expressions. */
export async function checkWithJq(
  expressions: JqExpressions,
  { timeout, pool = sharedPool }: JqOptions,
): Promise<void> {
  await new WorkList(expressions, [], timeout, pool).check()
}

const tooDeep = failed('depth', 'The context is nested too deeply for jq')

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
