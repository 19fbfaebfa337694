/**
 * Payload templates: `{{ jq }}` in JSON, rendered as Port renders them.
 *
 * Expressions are evaluated by jq 1.8.2. Port's published binding is built on jq 1.6; where that version, which a test
 * runs beside ours, comes to something else, a result has a note of the type `jq-version`. Numbers in text, infinite
 * numbers (null) and functions that jq has removed since come out as with 1.6, because that is what Port does and
 * nothing that only 1.8 has is lost by it. The wording of jq's error messages is that of 1.8.2. As in Port, keys that
 * look like integers come first in an object, because they do in JavaScript.
 */
export { checkTemplate } from './check-template.ts'
export { compileTemplate } from './compile-template.ts'
export { CompiledTemplate } from './compiled-template.ts'
export type { Evaluation, FailureKind, FailureReason } from './evaluation.ts'
export type { ExpressionFailure, TextPosition } from './expression-failure.ts'
export { formatFailure } from './format-failure.ts'
export { JqPool, type JqPoolOptions } from './jq/pool.ts'
export type { JqFiles, JqMemory } from './jq/resources.ts'
export { JqPrograms, type JqProgramsOptions, type RejectedProgram } from './jq-programs.ts'
export type { RenderNote, RenderOptions, RenderOutcome, RenderResult } from './render-result.ts'
export { renderMany, renderTemplate } from './render-template.ts'
export { requireEvaluated } from './require-evaluated.ts'
export { TemplateError, type TemplateProblem } from './template-error.ts'
