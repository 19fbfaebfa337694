export { type CiJob, detectCi } from './detect-ci.ts'
export { runIdFromCi } from './run-id-from-ci.ts'
