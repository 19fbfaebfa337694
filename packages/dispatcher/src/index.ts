export type { Backend, CiRun, FailedJob, Plan, RunState } from './backends/backend.ts'
export { BackendError } from './backends/backend-error.ts'
export { type BackendOptions, createBackend } from './backends/create-backend.ts'
export { gitlabFailedJobs } from './backends/gitlab/failed-jobs.ts'
export { describeEnd } from './flow/describe-end.ts'
export {
  type DispatchOptions,
  type DispatchResult,
  dispatch,
  type WaitOptions,
} from './flow/dispatch.ts'
export { type Followed, type FollowOptions, follow } from './flow/follow.ts'
export { type Prepared, type PrepareOptions, prepareDispatch } from './flow/prepare-dispatch.ts'
export { StrictError } from './flow/strict-error.ts'
