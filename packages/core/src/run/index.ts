export { githubExternalRunId, gitlabExternalRunId } from './external-run-id.ts'
export { type FoundRunId, findRunId } from './find-run-id.ts'
export { githubOutcome, gitlabOutcome, type Outcome, statusLabel } from './outcome.ts'
