import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { text } from 'node:stream/consumers'
import type { Fetch } from '@port-dispatch/core/http'
import type { InstantClock } from '../support/instant-clock.ts'
import { type Injection, kindOf, type RequestKind } from './fault.ts'

export interface FaultyFetchOptions {
  /** The service behind. */
  origin: string
  clock: InstantClock
  kind: RequestKind
  injection: Injection
}

export interface FaultyFetch {
  fetch: Fetch
  /** How often the fault struck. */
  struck(): number
  close(): Promise<void>
}

/**
 * A `fetch` through a real proxy on a real socket, which injects a fault into the requests of one kind. A refused
 * connection is a connection to a port at which nobody listens.
 */
export async function faultyFetch(options: FaultyFetchOptions): Promise<FaultyFetch> {
  const { origin, clock, kind, injection } = options
  let struck = 0
  const strikes = (method: string, path: string, body: string) =>
    kindOf(method, path, body) === kind && struck < injection.times && Boolean(++struck)

  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming)
    const { method = 'GET', url = '/' } = incoming
    const isHit =
      injection.answer !== 'refuse' && strikes(method, url.split('?', 1)[0] ?? url, body)
    if (!isHit) return send(outgoing, await forward(origin, incoming, body))
    const answer = injection.processed ? await forward(origin, incoming, body) : undefined
    inject(injection, incoming, outgoing, answer, clock)
  })
  const proxy = await listen(server)
  const closed = createServer()
  const nobody = await listen(closed)
  await close(closed)

  return {
    fetch: (url, init) => {
      const { pathname, search } = new URL(url)
      const isRefused =
        injection.answer === 'refuse' &&
        strikes(init.method ?? 'GET', pathname, String(init.body ?? ''))
      return fetch(`${isRefused ? nobody : proxy}${pathname}${search}`, init)
    },
    struck: () => struck,
    close: () => close(server),
  }
}

interface Forwarded {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

function inject(
  { answer }: Injection,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  forwarded: Forwarded | undefined,
  clock: InstantClock,
): void {
  if (answer === 'reset') {
    incoming.socket.destroy()
  } else if (answer === 'hang') {
    clock.expireTimeouts()
  } else if (answer === 'cut') {
    const body = forwarded?.body ?? '{}'
    send(outgoing, {
      status: forwarded?.status ?? 200,
      headers: forwarded?.headers ?? {},
      body: body.slice(0, body.length / 2),
    })
  } else if (answer === 'page') {
    send(outgoing, {
      status: 500,
      headers: { 'content-type': 'text/html' },
      body: '<html>Something went wrong</html>',
    })
  } else if (typeof answer === 'object') {
    const headers = { 'content-type': 'application/json', ...answer.headers }
    send(outgoing, {
      status: answer.status,
      headers,
      body: JSON.stringify({ message: 'injected', error: 'injected' }),
    })
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: Forwarded): void {
  const {
    'content-length': _length,
    'transfer-encoding': _encoding,
    connection: _connection,
    ...rest
  } = headers
  outgoing.writeHead(status, rest).end(body)
}

function forward(origin: string, incoming: IncomingMessage, body: string): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const { host: _, ...headers } = incoming.headers
    const { method = 'GET', url = '/' } = incoming
    httpRequest(`${origin}${url}`, { method, headers }, async (answer) => {
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: await text(answer),
      })
    })
      .on('error', reject)
      .end(body)
  })
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
