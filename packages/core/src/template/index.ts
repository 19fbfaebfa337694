/** Payload templates: `{{ jq }}` in JSON, rendered as Port renders them. */
export { compileTemplate } from './compile-template.ts'
export { CompiledTemplate } from './compiled-template.ts'
export type { ExpressionFailure, FailureReason, TextPosition } from './expression-failure.ts'
export { formatFailure } from './format-failure.ts'
export type { RenderNote, RenderOptions, RenderOutcome, RenderResult } from './render-result.ts'
export { renderMany, renderTemplate } from './render-template.ts'
export { TemplateError, type TemplateProblem } from './template-error.ts'
