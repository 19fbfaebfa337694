import { PortDispatchError } from '../errors.ts'

/** Errors that show that no connection was made, so that the server cannot have seen the request. */
const NOT_SENT = new Set([
  'REDIRECTED',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

const HINTS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the name server did not answer',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an unknown authority; name yours in NODE_EXTRA_CA_CERTS',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by an unknown authority; name yours in NODE_EXTRA_CA_CERTS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; name it in NODE_EXTRA_CA_CERTS',
}

/** A request that got no complete answer. */
export class TransportError extends PortDispatchError {
  static override readonly brand: string = 'TransportError'
  override readonly name = 'TransportError'
  /** Whether the server may have seen, and acted on, the request. */
  readonly effect: 'none' | 'unknown'

  constructor(method: string, url: string, cause: unknown) {
    const code = causeCode(cause)
    super('BACKEND', `${method} ${withoutQuery(url)} got no answer: ${describe(cause, code)}`, {
      cause,
    })
    this.effect = code !== undefined && NOT_SENT.has(code) ? 'none' : 'unknown'
  }
}

function causeCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

function describe(error: unknown, code: string | undefined): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return 'no answer within the time limit'
  if (error instanceof SyntaxError) {
    return 'what came is not JSON: it was cut short, or is the page of a proxy'
  }
  if (code === 'REDIRECTED') return errorMessage(error)
  if (code !== undefined) return HINTS[code] ? `${HINTS[code]} (${code})` : code
  // `fetch failed` says nothing; its cause does.
  const { cause } = error instanceof Error ? error : {}
  return cause instanceof Error ? describe(cause, undefined) : errorMessage(error)
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Query strings can hold what users typed. */
function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url
}
