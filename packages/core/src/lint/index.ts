/**
 * Finds mistakes in action definitions, alone and against the workflows and pipelines that they start, before anyone runs
 * them. What is not known is not judged.
 */
export type { Draft, Finding, LintConfig, Path, Position, Severity, TextSpan } from './finding.ts'
export { type ActionFile, type LintOptions, type LintResult, lint } from './lint.ts'
export type { Target } from './lintee.ts'
export { type Pipeline, readPipeline } from './pipeline/pipeline.ts'
export { RULES } from './rules.ts'
export { fieldPath, methodFields, startedBy } from './sent-values.ts'
export type { Subject, Trigger, UserInput } from './subject.ts'
export { suggest } from './suggest.ts'
export { localPath, readWorkflow, type Workflow } from './workflow/workflow.ts'
