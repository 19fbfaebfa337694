export {
  type Fetch,
  Http,
  type HttpOptions,
  type HttpRequest,
  type HttpResponse,
  type Repetition,
  type SendOptions,
} from './http.ts'
export { TransportError } from './transport-error.ts'
