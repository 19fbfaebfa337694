// What only HTTPS needs: it is loaded with the first request that needs it, because to load node:https takes as long as
// all the rest.
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, getCACertificates } from 'node:tls'
import { describeFailure, isCertificateError, TransportFailure } from '@port-dispatch/core/http'
import { type ProxyServer, refusal } from './proxy.ts'

export { request } from 'node:https'

/** What may be set about TLS: authorities to trust, and a certificate of the client. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized'
>

/** What may be set about the connections that are kept. */
export type PoolOptions = Pick<AgentOptions, 'keepAlive' | 'timeout'>

/** An agent for direct connections. */
export function createSecureAgent(pool: PoolOptions, tls: TlsOptions): Agent {
  return new Agent({ ...pool, ...tls })
}

/** Certificates in addition to those that Node trusts. */
export function alsoTrusted(ca: string | readonly string[]): string[] {
  return [...getCACertificates('default'), ...[ca].flat()]
}

/** What reaches `createConnection` of the options of a request. */
export interface TunnelOptions extends RequestOptions {
  tunnelSignal?: AbortSignal
}

/**
 * An agent that reaches HTTPS servers through a proxy: `CONNECT` (RFC 9110, 9.3.6), then TLS with the server itself. It
 * makes one attempt for each request; what the proxy says or does instead of opening the tunnel is the error.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: ProxyServer
  readonly #tls: TlsOptions
  readonly #established: WeakSet<Socket>

  /**
   * @param tls for the connection to the server
   * @param established gets the connections that are ready for a request
   */
  constructor(
    proxy: ProxyServer,
    pool: PoolOptions,
    tls: TlsOptions,
    established: WeakSet<Socket>,
  ) {
    super(pool)
    this.#proxy = proxy
    this.#tls = tls
    this.#established = established
  }

  override createConnection(
    options: TunnelOptions,
    callback: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    this.#open(options).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error),
    )
  }

  async #open(options: TunnelOptions): Promise<Socket> {
    const { tunnelSignal: signal, port } = options
    const host = options.host ?? ''
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
    const tunnel = await connect(this.#proxy, authority, this.#tls.ca, signal)
    const { promise, resolve, reject } = Promise.withResolvers<Socket>()
    const secured = connectTls({
      ...this.#tls,
      socket: tunnel,
      host,
      ...(isIP(host) === 0 && { servername: host }),
    })
    const abort = () => secured.destroy(new Error('aborted'))
    signal?.addEventListener('abort', abort)
    secured.on('error', (error) => reject(failureOfTls(error)))
    secured.once('close', () => reject(failureOfTls(undefined)))
    secured.once('secureConnect', () => {
      this.#established.add(secured)
      resolve(secured)
    })
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
}

function connect(
  proxy: ProxyServer,
  authority: string,
  ca: TlsOptions['ca'],
  signal?: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const { protocol, host, port, authorization } = proxy
  const outgoing: ClientRequest = (protocol === 'https:' ? httpsRequest : httpRequest)({
    host,
    port,
    method: 'CONNECT',
    path: authority,
    headers: {
      host: authority,
      connection: 'keep-alive',
      'proxy-connection': 'keep-alive',
      ...(authorization && { 'proxy-authorization': authorization }),
    },
    agent: false,
    ...(ca !== undefined && { ca }),
    ...(signal && { signal }),
  })
  outgoing.on('error', reject)
  outgoing.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket) => {
    if (statusCode >= 200 && statusCode < 300) return resolve(socket)
    socket.destroy()
    reject(refusal(proxy, statusCode))
  })
  outgoing.end()
  return promise
}

function failureOfTls(error: unknown): TransportFailure {
  const reason = error
    ? describeFailure(error)
    : 'the connection was closed during the TLS handshake'
  return new TransportFailure(reason, {
    sent: false,
    kind: isCertificateError(error) ? 'fixed' : 'passing',
  })
}
