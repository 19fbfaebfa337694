export { backoff, type DelayCurve, RETRY_CURVE } from './backoff.ts'
export {
  type Fetch,
  Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  type Repetition,
  type SendOptions,
} from './http.ts'
export { requestedDelay } from './retry-delay.ts'
export { TransportError } from './transport-error.ts'
