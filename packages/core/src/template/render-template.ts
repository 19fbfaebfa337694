import type { Json } from '../json.ts'
import { assemble, type ExpressionNote } from './assemble.ts'
import { versionNote } from './compat/note.ts'
import { compileTemplate } from './compile-template.ts'
import { CompiledTemplate, type Expression, type JqExpressions } from './compiled-template.ts'
import { copyJson } from './copy-json.ts'
import { type Evaluation, failed } from './evaluation.ts'
import type { JqLookup } from './jq/evaluate.ts'
import { missingKeyNote } from './missing-key.ts'
import { JqRuntimeError } from './plain/operations.ts'
import type { Evaluator } from './plain/plain-expression.ts'
import type { RenderOptions, RenderOutcome, RenderResult } from './render-result.ts'
import { TemplateError } from './template-error.ts'

/** Milliseconds. */
const defaultTimeout = 1000

/**
 * Renders a template as Port does.
 *
 * @param template a template, or one compiled before
 * @param context what the expressions see as `.`: trigger data or a run message
 * @throws {TemplateError} for a block that is unclosed, unopened or nested, a key that is not a
 *   string and a spread of what is not an object. An expression that fails does not throw: it is null in the payload
 *   and listed in the result's failures. Do not send a payload that {@link requireEvaluated} refuses.
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
  const lookups = await lookUpWithJq(compiled.jqExpressions, contexts, options)
  const withNotes = options.jqCompat !== 'off'
  const readings = withNotes ? await lookUpWithJq(compiled.readings, contexts, options) : undefined
  return contexts.map((context, i) => {
    const evaluate = (expression: Expression) => {
      const evaluation = evaluateOne(expression, context, lookups?.[i])
      const notes: ExpressionNote[] = []
      const { inspection, leadingPath } = expression
      if (withNotes && inspection !== undefined) {
        const { reading } = inspection
        const read = reading === undefined ? undefined : readings?.[i]?.(reading.program)
        const message = versionNote(inspection, evaluation, read)
        if (message !== undefined) notes.push({ type: 'jq-version', message })
      }
      if (leadingPath !== undefined && isNull(evaluation)) {
        const message = missingKeyNote(leadingPath, context, options.missingKeys ?? 'misspelled')
        if (message !== undefined) notes.push({ type: 'missing-key', message })
      }
      return { ...evaluation, notes }
    }
    return renderOne(compiled, evaluate)
  })
}

/** `tostring` makes the same of it as text around a block does. */
function isNull({ value }: Evaluation): boolean {
  return value === null || value === 'null'
}

async function lookUpWithJq(
  expressions: JqExpressions,
  contexts: readonly Json[],
  { timeout = defaultTimeout, pool }: RenderOptions,
): Promise<JqLookup[] | undefined> {
  if (expressions.filters.length === 0 || contexts.length === 0) return undefined
  const { evaluateWithJq } = await import('./jq/evaluate.ts')
  return evaluateWithJq(expressions, contexts, { timeout, pool })
}

function evaluateOne(
  { filter, plain }: Expression,
  context: Json,
  lookUp: JqLookup | undefined,
): Evaluation {
  if (plain !== undefined) return evaluatePlain(plain, context)
  return lookUp?.(filter) ?? failed('engine', 'jq did not run')
}

function renderOne(
  { root }: CompiledTemplate,
  evaluate: Parameters<typeof assemble>[1],
): RenderOutcome {
  try {
    return { type: 'rendered', result: assemble(root, evaluate) }
  } catch (error) {
    if (error instanceof TemplateError) return { type: 'failed', error }
    throw error
  }
}

/** What an expression that needs no jq comes to. */
export function evaluatePlain(evaluator: Evaluator, context: Json): Evaluation {
  try {
    return { type: 'value', value: copyJson(evaluator(context)) }
  } catch (error) {
    if (error instanceof JqRuntimeError) return failed('runtime', error.message)
    // The copy of a value that is nested too deeply overflows the stack.
    if (error instanceof RangeError) return failed('depth', 'The value is nested too deeply')
    throw error
  }
}
