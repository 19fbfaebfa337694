/**
 * Makes an action of a workflow or a pipeline, and a workflow or a pipeline for an action. What one of them cannot say is
 * in the notes.
 */

export type { Backend } from './form-method.ts'
export { actionFromPipeline, type PipelineFile } from './from-pipeline.ts'
export { actionFromWorkflow, type InitAction, type WorkflowFile } from './from-workflow.ts'
export { kindOfFile } from './kind-of-file.ts'
export type { ActionOptions } from './method.ts'
export type { InitNote } from './note.ts'
export type { FileOptions, Skeleton } from './planned.ts'
export { type SkeletonOptions, skeletonFor } from './skeleton-for.ts'
