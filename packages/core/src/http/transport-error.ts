import { PortDispatchError } from '../errors.ts'
import type { HttpRequest } from './transport.ts'

export interface TransportErrorOptions {
  /** Whether the request, or part of it, may have reached the server. */
  sent: boolean
  /** Whether the request starts something: see `Repetition`. */
  starts?: boolean
  cause?: unknown
}

/** A request that got no complete and readable response. */
export class TransportError extends PortDispatchError {
  static override readonly brand: string = 'TransportError'
  override readonly name = 'TransportError'
  /** Why, as a clause: `the connection was refused (ECONNREFUSED)`. */
  readonly reason: string
  /** Whether the request, or part of it, may have reached the server. */
  readonly sent: boolean
  /**
   * Whether the request may have started something: `unknown` only for a request that starts something and that may
   * have reached the server.
   */
  readonly effect: 'none' | 'unknown'

  /** @param reason a clause; never the text of a foreign error, which may quote a header */
  constructor({ method, url }: HttpRequest, reason: string, options: TransportErrorOptions) {
    const { sent, starts = false, cause } = options
    super('TRANSPORT', `${method} ${withoutSecrets(url)} failed: ${reason}`, { cause })
    this.reason = reason
    this.sent = sent
    this.effect = sent && starts ? 'unknown' : 'none'
  }
}

/** Query strings can hold what users typed, and the part before the host a password. */
function withoutSecrets(url: string): string {
  const parsed = URL.parse(url)
  return parsed ? parsed.origin + parsed.pathname : '(an invalid URL)'
}
