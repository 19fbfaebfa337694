export type { PortCredentials } from './access-token.ts'
export { type Decryption, type DecryptionKey, decryptValue } from './decrypt.ts'
export { describeReport } from './describe-report.ts'
export { signMessage, type VerifyMessageOptions, verifyMessage } from './message-signature.ts'
export {
  type CallOptions,
  DEFAULT_BASE_URL,
  PortClient,
  type PortClientOptions,
} from './port-client.ts'
export { PortError } from './port-error.ts'
export { type FinalStatus, isFinal, type PortRun, type RunLog, type RunPatch } from './port-run.ts'
export {
  type FinalReport,
  type ReportResult,
  RunReporter,
  type RunReporterOptions,
} from './run-reporter.ts'
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
