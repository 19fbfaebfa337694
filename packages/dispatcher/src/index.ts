// The library: from an action to a finished run. docs/library.md shows how to use it.
export {
  type Action,
  parseAction,
  parseTriggerData,
  type RenderedInvocation,
  type RenderedMethod,
  renderInvocationMethod as render,
  type TriggerData,
} from '@port-dispatch/core/action'
export {
  type FinalReport,
  PortClient,
  type Reporter,
  type ReporterOptions,
  type ReportResult,
  reporterFor,
} from '@port-dispatch/core/port'
export type {
  Exchange,
  Found,
  Plan,
  RunRef,
  RunState,
  Runs,
  Search,
  Started,
} from './backends/backend.ts'
export { BackendError, type Effect } from './backends/backend-error.ts'
export type {
  Connections,
  GithubApp,
  GithubConnection,
  GitlabConnection,
  KafkaConnection,
  KafkaMechanism,
  KafkaProtocol,
  PortConnection,
  Token,
  TokenSource,
  WebhookConnection,
} from './backends/connections.ts'
export { failedJobsOf } from './backends/gitlab/failed-jobs-of.ts'
export { EarlierDispatchError, SecondRunError } from './flow/announce.ts'
export { type ConcludeOptions, conclude, type End } from './flow/conclude.ts'
export {
  dispatch,
  dispatching,
  planning,
  type ResumeOptions,
  resume,
  resuming,
} from './flow/dispatch.ts'
export type {
  DispatchOptions,
  DispatchResult,
  DispatchStep,
  WaitOptions,
} from './flow/dispatch-steps.ts'
export {
  Dispatcher,
  type DispatcherOptions,
  type PlanOptions,
  plan,
} from './flow/dispatcher.ts'
export { StoppedError, StrictError, type Unsettled, UnsettledError } from './flow/errors.ts'
export { type Followed, type FollowOptions, follow, following } from './flow/follow.ts'
export { type Settled, type SettleOptions, settle } from './flow/settle.ts'
export { type StartedOnce, type StartOptions, startOnce } from './flow/start-once.ts'
