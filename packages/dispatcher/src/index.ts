export type { Backend, CiRun, FailedJob, Plan, RunState } from './backends/backend.ts'
export { BackendError } from './backends/backend-error.ts'
export { type BackendOptions, createBackend } from './backends/create-backend.ts'
export {
  type DispatchOptions,
  type DispatchResult,
  dispatch,
  type WaitOptions,
} from './dispatch.ts'
export type { Environment } from './environment.ts'
export { loadAction } from './load-action.ts'
export { parseDuration } from './parse-duration.ts'
export { PORT_ADDRESSES, portClient, portClientIfConfigured } from './port-from-environment.ts'
export { type Prepared, type PrepareOptions, prepareDispatch } from './prepare-dispatch.ts'
export { parseDocument, readDocument } from './read-document.ts'
export { addressProblem } from './server-address.ts'
export { StrictError } from './strict-error.ts'
export { type Followed, type FollowOptions, follow } from './tracking/follow.ts'
export { useProxy } from './use-proxy.ts'
