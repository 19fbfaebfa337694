import type { HttpHeaders } from './headers.ts'

export interface HttpRequest {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string
}

export interface HttpResponse {
  status: number
  headers: HttpHeaders
  /** The whole body, or its start if `cut` is set. */
  text: string
  /** The rest of the body was too long, too slow or did not come, and was not needed. */
  cut?: true
}

export interface TransportRequest extends HttpRequest {
  /** Ends the exchange, in whatever state it is. */
  signal: AbortSignal
  /** A response whose body is longer is a failure. */
  maxBytes: number
  /** A success is complete with its head too: see {@link isStartEnough}. */
  startIsEnough?: true
  /**
   * To be called right before the first byte of the request is handed to the connection. When it throws, nothing is
   * sent and the exchange fails with what it threw.
   */
  beforeSend(): void
}

/**
 * Whether a response is complete with its head: what comes of the body until something goes wrong is its text then. What
 * is no success is: its status says that nothing was done, and its body only why.
 */
export function isStartEnough(
  { startIsEnough }: Pick<TransportRequest, 'startIsEnough'>,
  status: number,
): boolean {
  return startIsEnough === true || status < 200 || status > 299
}

/** Sends one request, once: no redirects, no retries. Rejects with a TransportFailure. */
export interface Transport {
  send(request: TransportRequest): Promise<HttpResponse>
}

export interface TransportFailureOptions {
  /** Whether any part of the request may have reached the server. */
  sent: boolean
  /** `fixed`: the same request would fail again, for example because of an invalid certificate. Default `passing`. */
  kind?: 'passing' | 'fixed'
  /** What was waited for when the signal ended the exchange: `connection to the proxy`, `response`. */
  missing?: string
}

/** Why a transport has no response. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly sent: boolean
  readonly kind: 'passing' | 'fixed'
  readonly missing: string | undefined

  /** @param reason a clause without text of foreign errors, which may quote headers */
  constructor(reason: string, { sent, kind = 'passing', missing }: TransportFailureOptions) {
    super(reason)
    this.sent = sent
    this.kind = kind
    this.missing = missing
  }
}

const CA_HINT = 'trust it with NODE_EXTRA_CA_CERTS'

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the name server did not respond',
  ECONNRESET: 'the connection was closed too early',
  EPIPE: 'the connection was closed too early',
  UND_ERR_SOCKET: 'the connection was closed too early',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was closed too early',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  ENETUNREACH: 'the network is unreachable',
  EHOSTUNREACH: 'the host is unreachable',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host name",
  SELF_SIGNED_CERT_IN_CHAIN: `the server's certificate is signed by an unknown authority; ${CA_HINT}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `the server's certificate is signed by an unknown authority; ${CA_HINT}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `the server's certificate is signed by an unknown authority; ${CA_HINT}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `the server's certificate is self-signed; ${CA_HINT}`,
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS on this port',
}

/**
 * Why an exchange failed, from the code of an error of Node or of its `fetch`. The text of such errors is never used:
 * it quotes header values.
 *
 * @returns a clause such as `the connection was refused (ECONNREFUSED)`
 */
export function describeFailure(error: unknown): string {
  const code = errorCode(error)
  if (code === undefined) return 'the exchange failed without a known reason'
  if (code === 'HPE_HEADER_OVERFLOW') return `the headers of the response are too long (${code})`
  const reason = REASONS[code] ?? (code.startsWith('HPE_') ? 'the response is not valid HTTP' : '')
  return reason ? `${reason} (${code})` : `the exchange failed (${code})`
}

/** The code of an error or of its nearest cause that has one. */
export function errorCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z][A-Z\d_]{1,60}$/.test(at.code)) {
      return at.code
    }
  }
  return undefined
}

/** Whether a certificate was not accepted. It will not be the next time either. */
export function isCertificateError(error: unknown): boolean {
  return /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_)/.test(errorCode(error) ?? '')
}

/** The failure of a response whose body is longer than `maxBytes`. */
export function tooLarge(maxBytes: number): TransportFailure {
  const limit = maxBytes >= 1 << 20 ? `${maxBytes / (1 << 20)} MiB` : `${maxBytes} bytes`
  return new TransportFailure(`the response is larger than ${limit}`, { sent: true, kind: 'fixed' })
}
