import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { request as httpsRequest, RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import {
  describeFailure,
  Http,
  type HttpOptions,
  type HttpResponse,
  httpHeaders,
  isCertificateError,
  isStartEnough,
  type Transport,
  TransportFailure,
  type TransportRequest,
  tooLarge,
} from '@port-dispatch/core/http'
import { addressIn, authority, type CheckAddress, checkedLookup } from './check-address.ts'
import { decodedBody } from './decoded-body.ts'
import type { Environment } from './environment.ts'
import { basic, nameOf, type ProxyServer, proxiesFromEnvironment, refusal } from './proxy.ts'
import type { TunnelOptions } from './tls.ts'

export interface TransportOptions {
  /** PEM texts of authorities to trust besides those that Node trusts (`NODE_EXTRA_CA_CERTS` included). */
  ca?: string | readonly string[]
  /** PEM text of a client certificate, and of its key. */
  cert?: string
  key?: string
  /** Of the key. */
  passphrase?: string
  /** `skip`: certificates of servers are not checked. For tests, and for what cannot have a valid one. */
  verification?: 'skip' | undefined
  checkAddress?: CheckAddress
}

/** A transport that keeps connections. Idle ones do not keep the process alive. */
export interface HostTransport extends Transport {
  /** Closes the connections that are kept. */
  close(): void
}

/** Shorter than the 5 s after which a Node server closes an idle connection, perhaps while a request is on its way. */
const IDLE_MS = 4_000
const USER_AGENT = 'port-dispatch'

/**
 * A transport on `node:http` and `node:https`: persistent connections, proxies from the environment, TLS as Node is
 * configured. Whether anything was sent is known from the connection and not guessed from errors.
 *
 * Compared with `fetch` it spares a process some 80 ms, in which Node compiles the parser of `fetch`.
 *
 * @param env `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in upper or lower case. A proxy whose address is invalid makes
 *   the requests fail that would use it.
 */
export function createTransport(env: Environment, options: TransportOptions = {}): HostTransport {
  const { checkAddress } = options
  const choose = proxiesFromEnvironment(env)
  const pool = { keepAlive: true, timeout: IDLE_MS }
  const plain = new Agent(pool)
  const established = new WeakSet<Socket>()
  let secure: Promise<Secure> | undefined
  const kept: Agent[] = [plain]

  const secureParts = async (): Promise<Secure> => {
    const { alsoTrusted, createSecureAgent, request, TunnelAgent } = await import(
      /* webpackMode: "eager" */ './tls.ts'
    )
    const { ca, checkAddress: _, verification, ...certificate } = options
    const tls = {
      ...certificate,
      ...(ca && { ca: alsoTrusted(ca) }),
      ...(verification === 'skip' && { rejectUnauthorized: false }),
    }
    const direct = createSecureAgent(pool, tls)
    kept.push(direct)
    let tunnels: Agent | undefined
    const through = (proxy: ProxyServer) => {
      // The environment names one proxy for all of HTTPS.
      if (tunnels) return tunnels
      tunnels = new TunnelAgent(proxy, pool, tls, established)
      kept.push(tunnels)
      return tunnels
    }
    return { request, direct, through }
  }

  const routeTo = async (url: URL, proxy: ProxyServer | undefined): Promise<Route> => {
    const isSecure = url.protocol === 'https:'
    const entry = proxy && !isSecure ? proxy.protocol : url.protocol
    if (entry === 'https:') secure ??= secureParts()
    const parts = entry === 'https:' ? await secure : undefined
    if (isSecure || !proxy) {
      const agent = proxy ? parts?.through(proxy) : (parts?.direct ?? plain)
      const guard = checkAddress &&
        !proxy && { lookup: checkedLookup(checkAddress, authority(url)) }
      return { request: parts?.request, proxy, options: { ...target(url), ...guard, agent } }
    }
    const { host, port, authorization } = proxy
    return {
      request: parts?.request,
      proxy,
      options: {
        host,
        port,
        path: `${url.origin}${url.pathname}${url.search}`,
        headers: { host: url.host, ...(authorization && { 'proxy-authorization': authorization }) },
        agent: parts?.direct ?? plain,
      },
    }
  }

  return {
    send: async (request) => {
      const url = new URL(request.url)
      const choice = choose(url)
      if (choice.type === 'unusable') {
        throw new TransportFailure(choice.problem, { sent: false, kind: 'fixed' })
      }
      const proxy = choice.type === 'proxy' ? choice.proxy : undefined
      const address = addressIn(url)
      if (address !== undefined) checkAddress?.(address, authority(url))
      return await exchange(request, url, await routeTo(url, proxy), established)
    },
    close: () => {
      for (const agent of kept) agent.destroy()
    },
  }
}

/** What requests by HTTPS need. */
interface Secure {
  request: typeof httpsRequest
  direct: Agent
  through(proxy: ProxyServer): Agent
}

/** Sends requests on a transport of its own. */
export function createHttp(env: Environment, options: Omit<HttpOptions, 'transport'> = {}): Http {
  return new Http({ ...options, transport: createTransport(env) })
}

interface Route {
  /** Of node:https, if the first server on the way is reached by HTTPS. */
  request: typeof httpsRequest | undefined
  proxy: ProxyServer | undefined
  options: RequestOptions
}

function target({ hostname, port, pathname, search }: URL): RequestOptions {
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(port && { port: Number(port) }),
    path: pathname + search,
  }
}

/** One request and its response on a connection of the agent's. */
function exchange(
  request: TransportRequest,
  url: URL,
  { request: secureRequest, proxy, options }: Route,
  established: WeakSet<Socket>,
): Promise<HttpResponse> {
  const { method, headers = {}, body, signal } = request
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  let sent = false
  let isConnected = false
  let isReceiving = false
  let status = 0
  const fail = (error: unknown) => {
    signal.removeEventListener('abort', abort)
    const reason = proxy && !isConnected && !sent ? throughProxy(proxy, error) : error
    reject(toFailure(reason, sent))
    outgoing.destroy()
  }
  const abort = () => {
    // Ends the body; what has come of it is the response.
    if (isReceiving && isStartEnough(request, status)) return void outgoing.destroy()
    const connection = proxy ? `connection through the proxy ${nameOf(proxy)}` : 'connection'
    const missing = sent ? 'response' : connection
    fail(new TransportFailure(`no ${missing}`, { sent, missing }))
  }
  const payload = body === undefined ? undefined : Buffer.from(body)
  const sending: TunnelOptions = {
    ...options,
    tunnelSignal: signal,
    method,
    headers: {
      'user-agent': USER_AGENT,
      accept: '*/*',
      ...options.headers,
      ...((url.username || url.password) && { authorization: basic(url.username, url.password) }),
      ...headers,
      ...(payload && { 'content-length': payload.byteLength }),
    },
  }
  const outgoing: ClientRequest = (secureRequest ?? httpRequest)(sending)
  // Stays after the end: what goes wrong with the connection later must not end the process.
  outgoing.on('error', (error) => {
    // Once the response has begun, its reader gets the error, and knows whether the beginning is enough.
    if (!isReceiving) fail(error)
  })
  outgoing.on('socket', (socket: Socket) => {
    const start = () => {
      established.add(socket)
      isConnected = true
      try {
        request.beforeSend()
      } catch (error) {
        signal.removeEventListener('abort', abort)
        reject(error)
        outgoing.destroy()
        return
      }
      sent = true
      outgoing.end(payload)
    }
    if (established.has(socket)) start()
    else socket.once(secureRequest ? 'secureConnect' : 'connect', start)
  })
  outgoing.on('upgrade', (_response, socket) => {
    socket.destroy()
    fail(new TransportFailure('the server changed to another protocol', { sent, kind: 'fixed' }))
  })
  outgoing.on('response', async (incoming) => {
    isReceiving = true
    status = incoming.statusCode ?? 0
    try {
      const response = await receive(incoming, request)
      // Only a proxy answers so, instead of passing the request on.
      if (response.status === 407 && proxy) return fail(refusal(proxy, 407))
      signal.removeEventListener('abort', abort)
      resolve(response)
    } catch (error) {
      fail(error)
    }
  })
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)
  return promise
}

async function receive(
  incoming: IncomingMessage,
  request: TransportRequest,
): Promise<HttpResponse> {
  const { maxBytes } = request
  const { statusCode: status = 0 } = incoming
  const chunks: Buffer[] = []
  let length = 0
  let cut: true | undefined
  const cutUnlessNeeded = (error: unknown) => {
    if (!isStartEnough(request, status)) throw error
    cut = true
    incoming.destroy()
  }
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      const room = maxBytes - length
      length += chunk.byteLength
      chunks.push(chunk.subarray(0, room))
      if (length > maxBytes) throw tooLarge(maxBytes)
    }
  } catch (error) {
    cutUnlessNeeded(error)
  }
  let text = ''
  try {
    text = await decodedBody(Buffer.concat(chunks), incoming.headers, maxBytes)
  } catch (error) {
    cutUnlessNeeded(error)
  }
  return {
    ...(cut ? { cut } : {}),
    status,
    headers: httpHeaders(
      Object.entries(incoming.headers).map(([name, value]): [string, string] => [
        name,
        [value ?? []].flat().join(', '),
      ]),
    ),
    text,
  }
}

function toFailure(error: unknown, sent: boolean): TransportFailure {
  if (error instanceof TransportFailure) return error
  const isFixed = isCertificateError(error)
  return new TransportFailure(describeFailure(error), { sent, kind: isFixed ? 'fixed' : 'passing' })
}

function throughProxy(proxy: ProxyServer, error: unknown): TransportFailure {
  if (error instanceof TransportFailure) return error
  const reason = `the proxy ${nameOf(proxy)} (${proxy.variable}) cannot be used: ${describeFailure(error)}`
  return new TransportFailure(reason, { sent: false })
}
