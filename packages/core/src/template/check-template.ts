import type { CompiledTemplate } from './compiled-template.ts'
import { type ExpressionFailure, expressionFailure } from './expression-failure.ts'
import type { JqPool } from './jq/pool.ts'

const TIMEOUT_MS = 1000

/**
 * Has jq compile the expressions of a template, without any context. Port takes null for one that jq does not accept.
 *
 * @returns the expressions that jq never accepts, in the order of the template
 */
export async function checkTemplate(
  { expressions, jqExpressions }: CompiledTemplate,
  { pool }: { pool?: JqPool } = {},
): Promise<ExpressionFailure[]> {
  if (jqExpressions.filters.length === 0) return []
  const { checkWithJq } = await import('./jq/evaluate.ts')
  await checkWithJq(jqExpressions, { timeout: TIMEOUT_MS, pool })
  return expressions.flatMap((expression) => {
    const failure = jqExpressions.rejected.get(expression.filter)
    return failure && expression.plain === undefined ? [expressionFailure(expression, failure)] : []
  })
}
