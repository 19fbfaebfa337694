import { PortDispatchError } from '@port-dispatch/core'

/** Whether a run may have been started all the same. */
export type Effect = 'none' | 'unknown'

/** A CI system refused a request, or could not be reached. */
export class BackendError extends PortDispatchError {
  override readonly name = 'BackendError'
  readonly effect: Effect
  /** The HTTP status of the refusal, if there was an answer. */
  readonly status: number | undefined

  constructor(
    message: string,
    options: { effect?: Effect; status?: number | undefined; cause?: unknown } = {},
  ) {
    super('BACKEND', message, { cause: options.cause })
    this.effect = options.effect ?? 'none'
    this.status = options.status
  }
}
