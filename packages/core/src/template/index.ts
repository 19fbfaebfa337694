/**
 * Payload templates: `{{ jq }}` in JSON, rendered as Port renders them.
 *
 * What can differ from Port is what its jq does otherwise than the jq 1.8.2 used here: functions that
 * older versions lack, the wording of error messages, a carriage return inside a block (which jq 1.6
 * rejects), and an infinite result, which is the largest number here and null in Port's JSON. As in
 * Port, keys that look like integers come first in an object, because they do in JavaScript.
 */
export { compileTemplate } from './compile-template.ts'
export { CompiledTemplate } from './compiled-template.ts'
export type { FailureKind, FailureReason } from './evaluation.ts'
export type { ExpressionFailure, TextPosition } from './expression-failure.ts'
export { formatFailure } from './format-failure.ts'
export { JqPool, type JqPoolOptions } from './jq/pool.ts'
export type { JqFiles, JqMemory } from './jq/resources.ts'
export type { RenderNote, RenderOptions, RenderOutcome, RenderResult } from './render-result.ts'
export { renderMany, renderTemplate } from './render-template.ts'
export { requireEvaluated } from './require-evaluated.ts'
export { TemplateError, type TemplateProblem } from './template-error.ts'
