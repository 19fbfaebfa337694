import { PortDispatchError } from '@port-dispatch/core'

/** Whether a run may have been started all the same. */
export type Effect = 'none' | 'unknown'

interface BackendErrorOptions {
  effect?: Effect
  status?: number | undefined
  retryAfter?: number | undefined
  cause?: unknown
}

/** A CI system refused a request, or could not be reached. */
export class BackendError extends PortDispatchError {
  static override readonly brand: string = 'BackendError'
  override readonly name = 'BackendError'
  readonly effect: Effect
  /** The HTTP status of the refusal, if there was an answer. */
  readonly status: number | undefined
  /** If the backend limits requests: after how many milliseconds it may be asked again. */
  readonly retryAfter: number | undefined

  constructor(message: string, options: BackendErrorOptions = {}) {
    super('BACKEND', message, { cause: options.cause })
    this.effect = options.effect ?? 'none'
    this.status = options.status
    this.retryAfter = options.retryAfter
  }
}
