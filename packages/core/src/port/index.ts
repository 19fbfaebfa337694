export type { FinalStatus } from '../run/outcome.ts'
export type { NewRun } from './actions.ts'
export type {
  Acknowledgement,
  ClaimedNodeRun,
  ClaimedRun,
  ClaimRequest,
  StreamerName,
} from './claims.ts'
export { type Decryption, type DecryptionKey, decryptValue } from './decrypt.ts'
export { describeReport } from './describe-report.ts'
export {
  type BulkFailure,
  type BulkResult,
  type Entity,
  MAX_BULK,
  type StoreOptions,
} from './entities.ts'
export type { CutPart } from './fit.ts'
export type { KafkaCredentials } from './kafka-credentials.ts'
export {
  signMessage,
  unsignedMessage,
  type VerifyMessageOptions,
  verifyMessage,
} from './message-signature.ts'
export type { LogLevel, NodeLog, NodeResult, NodeRun, NodeRunPatch } from './node-runs.ts'
export { PortClient, type PortClientOptions } from './port-client.ts'
export { PortError } from './port-error.ts'
export {
  isFinal,
  isLink,
  isOpen,
  isProvisionalId,
  isUnapproved,
  type PortRun,
  provisionalId,
  type RunLog,
  type RunPatch,
  type StoredLog,
  stageOf,
} from './port-run.ts'
export type { FinalReport, Lost, ReportResult, RunChange } from './report.ts'
export type { Reporter, ReporterOptions } from './reporter.ts'
export { reporterFor } from './run-reporter.ts'
export type { RunFilter } from './runs.ts'
export {
  type CallOptions,
  DEFAULT_BASE_URL,
  type PortCredentials,
} from './session.ts'
export {
  SIGNATURE_HEADER,
  type SignedForm,
  type SignedHeaders,
  sign,
  signatureHeaders,
  TIMESTAMP_HEADER,
  type Verification,
  type VerifyOptions,
  verify,
} from './signature.ts'
