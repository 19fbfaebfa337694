export type {
  Found,
  Plan,
  RunRef,
  RunState,
  Runs,
  Search,
  Started,
} from './backends/backend.ts'
export { BackendError, type Effect } from './backends/backend-error.ts'
export type { GithubConnection, Token } from './backends/github/client.ts'
export type { GitlabConnection } from './backends/gitlab/client.ts'
export { failedJobsOf } from './backends/gitlab/failed-jobs.ts'
export { type ConcludeOptions, conclude, type End } from './flow/conclude.ts'
export {
  type DispatchOptions,
  type DispatchResult,
  type DispatchStep,
  dispatch,
  dispatching,
  planning,
  type WaitOptions,
} from './flow/dispatch.ts'
export {
  type Connections,
  Dispatcher,
  type DispatcherOptions,
  type PlanOptions,
  plan,
} from './flow/dispatcher.ts'
export { StoppedError, StrictError, type Unsettled, UnsettledError } from './flow/errors.ts'
export { type Followed, type FollowOptions, follow } from './flow/follow.ts'
export { type StartedOnce, type StartOptions, startOnce } from './flow/start-once.ts'
