export type { Expect, HttpResult } from './attempt.ts'
export { backoff, type DelayCurve, RETRY_CURVE } from './backoff.ts'
export { ConditionalHttp, type ConditionalOptions } from './conditional.ts'
export { type Fetch, fetchTransport } from './fetch-transport.ts'
export { type HttpHeaders, headerValueProblem, httpHeaders } from './headers.ts'
export {
  Http,
  type HttpOptions,
  type Repetition,
  type SendOptions,
} from './http.ts'
export { parseBody } from './parse-body.ts'
export { rateLimitDelay, requestedDelay } from './server-time.ts'
export { GentleStop } from './stop.ts'
export {
  describeFailure,
  errorCode,
  type HttpRequest,
  type HttpResponse,
  isCertificateError,
  isStartEnough,
  type Transport,
  TransportFailure,
  type TransportFailureOptions,
  type TransportRequest,
  tooLarge,
} from './transport.ts'
export { TransportError, type TransportErrorOptions } from './transport-error.ts'
export type { OnWait, Waiting } from './waiting.ts'
