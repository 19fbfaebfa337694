export { describeEnd, type RunEnd, shortLabel } from './describe-end.ts'
export { githubExternalRunId, gitlabExternalRunId } from './external-run-id.ts'
export {
  type FailedJob,
  failedJobs,
  failedStepOf,
  type JobRecord,
  type StepRecord,
} from './failed-jobs.ts'
export {
  type FoundRunId,
  findRunId,
  findRunIdInEvent,
  type MissingRunId,
} from './find-run-id.ts'
export {
  END_WORDS,
  type FinalStatus,
  githubOutcome,
  gitlabOutcome,
  isCancelled,
  isKnownStatus,
  isSuccess,
  type Outcome,
  portStatusOf,
  statusLabel,
  worstOf,
} from './outcome.ts'
export { identifierProblem, isNodeRunId, isNumericId, isRunId } from './run-id.ts'
