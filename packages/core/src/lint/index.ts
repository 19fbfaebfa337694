/**
 * Finds mistakes in action definitions, alone and against the workflows and pipelines that they start, before anyone runs
 * them. What is not known is not judged.
 */
export { parseLintConfig } from './config.ts'
export type {
  Draft,
  Finding,
  LintConfig,
  LintException,
  Path,
  Position,
  Rule,
  Severity,
  TextSpan,
} from './finding.ts'
export { type ActionFile, type LintOptions, type LintResult, lint } from './lint.ts'
export type { Lintee, Target } from './lintee.ts'
export { localInclude, type Pipeline, readIncludes, readPipeline } from './pipeline/pipeline.ts'
export { RULES } from './rules.ts'
export { fieldPath, methodFields, startedBy } from './sent-values.ts'
export { holdsActions, type Subject, type Trigger, type UserInput } from './subject.ts'
export { localPath, readWorkflow, type Workflow } from './workflow/workflow.ts'
