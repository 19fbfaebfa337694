export type { Environment } from '../network/environment.ts'
export {
  createHttp,
  createTransport,
  type HostTransport,
  type TransportOptions,
} from '../network/transport.ts'
export { contextFromCi } from './ci/context-from-ci.ts'
export { type CiJob, detectCi } from './ci/detect-ci.ts'
export { explainMissing } from './ci/explain-missing.ts'
export { runIdFromCi, searchRunId, whereLooked } from './ci/run-id-from-ci.ts'
export {
  addressProblems,
  type ConnectionOptions,
  connectionsFromEnvironment,
  listOf,
  PORT_ADDRESSES,
  portClient,
  portClientIfConfigured,
  VARIABLES,
} from './connections.ts'
export { whyUnreadable } from './documents/unreadable.ts'
export {
  type DocumentOptions,
  parseDocument,
  parseSource,
  readDocument,
  readExactly,
  readJsonOrFile,
  readSource,
  type Source,
} from './documents.ts'
export { endProcess } from './end-process.ts'
export { interruption } from './interruption.ts'
export { type LoadedDefinition, loadAction, loadDefinition } from './load-action.ts'
export { parseDuration } from './parse-duration.ts'
export { readContext } from './read-context.ts'
export { credentialsOf, keyTexts } from './secrets.ts'
