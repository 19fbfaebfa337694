export { contextFromCi } from './context-from-ci.ts'
export { type CiJob, detectCi } from './detect-ci.ts'
export { type MissingRunId, runIdFromCi, searchRunId, whereLooked } from './run-id-from-ci.ts'
