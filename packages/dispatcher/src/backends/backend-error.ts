import { type ErrorDetails, type Phrase, PortDispatchError } from '@port-dispatch/core'
import { TransportError } from '@port-dispatch/core/http'
import type { Exchange } from './backend.ts'

/** Whether something may have been started all the same. */
export type Effect = 'none' | 'unknown'

interface BackendErrorOptions extends ErrorDetails {
  effect?: Effect
  status?: number | undefined
  retryAfter?: number | undefined
  label?: string | undefined
  exchange?: Exchange | undefined
}

/** A backend refused a request, or could not be reached. */
export class BackendError extends PortDispatchError {
  static override readonly brand: string = 'BackendError'
  override readonly name: string = 'BackendError'
  readonly effect: Effect
  /** The HTTP status of the refusal, if there was a response. */
  readonly status: number | undefined
  /** If the backend limits requests: after how many milliseconds the next one is allowed. */
  readonly retryAfter: number | undefined
  /** A few words for the Port run that ends with it. Default: `Not started`. */
  readonly label: string | undefined
  /** What was sent to a webhook that refused it, and its response. */
  readonly exchange: Exchange | undefined

  constructor(summary: Phrase, options: BackendErrorOptions = {}) {
    const { effect, status, retryAfter, label, exchange, ...details } = options
    super('BACKEND', summary, details)
    this.effect = effect ?? 'none'
    this.status = status
    this.retryAfter = retryAfter
    this.label = label
    this.exchange = exchange
  }
}

/** The transport error within an error of a client library, if that is what went wrong. */
export function transportErrorIn(error: unknown): TransportError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof TransportError) return at
  }
  return undefined
}
