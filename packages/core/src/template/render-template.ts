import type { Json } from '../json.ts'
import { assemble, type Evaluation } from './assemble.ts'
import { compileTemplate } from './compile-template.ts'
import { CompiledTemplate, type Expression } from './compiled-template.ts'
import { evaluatePlain } from './evaluate-plain.ts'
import type { JqLookup } from './evaluate-with-jq.ts'
import { failed } from './jq-output.ts'
import type { RenderOptions, RenderOutcome, RenderResult } from './render-result.ts'
import { TemplateError } from './template-error.ts'

const defaultTimeLimit = 1000

/**
 * Renders a template as Port does.
 *
 * @param template a template, or one compiled before
 * @param context what the expressions see as `.`: trigger data or a run message
 * @throws {TemplateError} for a block that is unclosed, unopened or nested, a key that is no string
 *   and a spread of what is no object. An expression that fails does not throw: its value is null
 *   and it is listed in the result's failures.
 */
export async function renderTemplate(
  template: Json | CompiledTemplate,
  context: Json,
  options: RenderOptions = {},
): Promise<RenderResult> {
  const [outcome] = await renderMany(template, [context], options)
  if (outcome === undefined) throw new TypeError('One context must have one outcome')
  if (outcome.type === 'failed') throw outcome.error
  return outcome.result
}

/**
 * Renders one template with many contexts, which is faster than one at a time.
 *
 * @returns one outcome per context, in their order; what fails in one context does not touch others
 * @throws {TemplateError} for a block that is unclosed, unopened or nested
 */
export async function renderMany(
  template: Json | CompiledTemplate,
  contexts: readonly Json[],
  options: RenderOptions = {},
): Promise<RenderOutcome[]> {
  const compiled = template instanceof CompiledTemplate ? template : compileTemplate(template)
  const lookups = await lookUpWithJq(compiled, contexts, options)
  return contexts.map((context, i) => renderOne(compiled, context, lookups?.[i]))
}

async function lookUpWithJq(
  { jqExpressions }: CompiledTemplate,
  contexts: readonly Json[],
  { timeLimit = defaultTimeLimit }: RenderOptions,
): Promise<JqLookup[] | undefined> {
  if (jqExpressions.filters.length === 0 || contexts.length === 0) return undefined
  const { evaluateWithJq } = await import('./evaluate-with-jq.ts')
  return evaluateWithJq(jqExpressions, contexts, timeLimit)
}

function renderOne(
  { root }: CompiledTemplate,
  context: Json,
  lookUp: JqLookup | undefined,
): RenderOutcome {
  const evaluate = ({ filter, plain }: Expression): Evaluation => {
    if (plain !== undefined) return evaluatePlain(plain, context)
    return lookUp?.(filter) ?? failed('runtime', 'jq did not run')
  }
  try {
    return { type: 'rendered', result: assemble(root, evaluate) }
  } catch (error) {
    if (error instanceof TemplateError) return { type: 'failed', error }
    throw error
  }
}
