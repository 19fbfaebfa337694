export { githubExternalRunId, gitlabExternalRunId } from './external-run-id.ts'
export { type FoundRunId, findRunId } from './find-run-id.ts'
export {
  githubOutcome,
  gitlabOutcome,
  isKnownStatus,
  type Outcome,
  statusLabel,
} from './outcome.ts'
export { shortLabel } from './short-label.ts'
