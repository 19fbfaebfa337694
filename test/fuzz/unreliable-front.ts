import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import type { Sandbox } from '@port-dispatch/sandbox'
import type { Random } from '../faults/random.ts'

/** What nobody but we may say to a runner or a terminal. Every line begins with one of these once it is repeated. */
export const INJECTIONS = [
  '::error::injected',
  '::set-output name=x::injected',
  '##[error]injected',
  '##vso[task.setvariable]injected',
  'section_start:1:injected\r',
  '\u001b[31minjected',
] as const

/** Services of which no response can be relied on, in front of a sandbox. */
export interface UnreliableFront extends Pick<Sandbox, 'url' | 'environment'> {
  /** What was responded, for whoever looks into a failure. */
  readonly told: string[]
  /** Resolves when the first request has come: whoever sent it has begun to work. */
  readonly asked: Promise<void>
  /** Secrets that clients were given or sent. */
  readonly secrets: Set<string>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Passes most requests on to the sandbox, and responds to the others with whatever a server, a proxy or an attacker could:
 * the same random choices for the same seed.
 */
export async function startUnreliableFront(
  sandbox: Sandbox,
  random: Random,
): Promise<UnreliableFront> {
  const told: string[] = []
  const asked = Promise.withResolvers<void>()
  const secrets = new Set(
    Object.entries(sandbox.environment).flatMap(([name, value]) =>
      /SECRET|TOKEN/.test(name) ? [value] : [],
    ),
  )
  const server = createServer(async (incoming, outgoing) => {
    asked.resolve()
    const body = await buffer(incoming)
    const real = await forward(sandbox.url, incoming, body)
    const token = /"accessToken":"([^"]+)"/.exec(real.text)?.[1]
    if (token) secrets.add(token)
    if (random.chance(0.55)) {
      outgoing.writeHead(real.status, { 'content-type': real.type }).end(real.text)
      return
    }
    const status = random.pick(STATUSES)
    const said = bodyOf(random, real.text, [...Object.values(incoming.headers), body.toString()])
    const headers = headersOf(random)
    told.push(
      `${incoming.method} ${incoming.url}: ${status} ${headers.join(', ')} ${said.slice(0, 200)}`,
    )
    writeRaw(incoming.socket, status, headers, said, random)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const environment = Object.fromEntries(
    Object.entries(sandbox.environment).map(([name, value]) => [
      name,
      value.replace(sandbox.url, url).replace(new URL(sandbox.url).host, new URL(url).host),
    ]),
  )
  return {
    url,
    environment,
    told,
    asked: asked.promise,
    secrets,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const STATUSES = [
  ...([200, 200, 200, 201, 202, 204, 206, 301, 302, 304, 307, 308, 400, 401, 403, 404] as const),
  ...([405, 407, 408, 409, 410, 413, 418, 422, 425, 429, 429, 451, 500, 501, 502, 503] as const),
  ...([504, 520, 599, 999] as const),
] as [number, ...number[]]

/** Below HTTP, so that a body can belie its header. */
function writeRaw(
  socket: Socket,
  status: number,
  headers: readonly string[],
  body: string,
  random: Random,
): void {
  const length = random.chance(0.8)
    ? [`content-length: ${Buffer.byteLength(body)}`]
    : random.pick([[], ['content-length: 5'], ['transfer-encoding: chunked']])
  socket.on('error', () => {})
  socket.write(`HTTP/1.1 ${status} ${random.pick(['OK', '', '::error::injected'])}\r\n`)
  socket.write(`${[...headers, ...length, 'connection: close'].join('\r\n')}\r\n\r\n`)
  socket.end(body)
}

function headersOf(random: Random): string[] {
  const odd = (name: string, values: [string, ...string[]]) =>
    random.chance(0.3) ? [`${name}: ${random.pick(values)}`] : []
  return [
    ...odd('content-type', [
      'application/json',
      'text/html',
      'image/png',
      'x',
      'application/json; charset=utf-16',
      '',
    ]),
    ...odd('retry-after', [
      '0',
      '-1',
      '1',
      'NaN',
      '1e9',
      '99999999999999999999',
      'Wed, 21 Oct 2015 07:28:00 GMT',
      'never',
    ]),
    ...odd('date', ['Thu, 01 Jan 1970 00:00:00 GMT', 'never', 'Fri, 31 Dec 9999 23:59:59 GMT']),
    ...odd('link', [
      '<>; rel="next"',
      '<https://evil.example/?page=2>; rel="next"',
      ';;;,,,',
      '<::error::injected>; rel=next',
    ]),
    ...odd('location', [
      '//',
      'http://[',
      'https://evil.example/',
      '/v1/elsewhere',
      'file:///etc/passwd',
      '::error::injected',
    ]),
    ...odd('x-ratelimit-remaining', ['0', '-1', 'x']),
    ...odd('x-ratelimit-reset', ['0', '99999999999', 'x']),
    ...odd('etag', ['"', 'W/', '']),
    ...odd('x-next-page', ['2', '-1', '1e99']),
  ]
}

/** @param heard what the client sent, which a response can repeat */
function bodyOf(random: Random, real: string, heard: readonly unknown[]): string {
  const injection = random.pick(INJECTIONS)
  const repeated = heard.filter((text) => typeof text === 'string').join('\n')
  return random.pick<() => string>([
    () => '',
    () => ' \n ',
    () => random.pick(['null', 'true', '0', '""', '[]', '{}', '[{}]', '[null]', 'NaN', '\ufeff{}']),
    () => `<!doctype html><html><title>Sign in\n${injection}</title><p>${repeated}</p></html>`,
    () => real.slice(0, random.upTo(real.length)),
    () => `${real}${real}`,
    () => '['.repeat(100_000),
    () => `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
    () => JSON.stringify({ message: 'x'.repeat(3_000_000) }),
    () => JSON.stringify({ ok: false, error: 'x', message: `first\n${injection}\n${repeated}` }),
    () =>
      JSON.stringify({
        message: { base: [injection, `\n${injection}`, repeated] },
        errors: [null, 1],
      }),
    () =>
      JSON.stringify({ __proto__: null, constructor: 1, toString: 1, hasOwnProperty: injection }),
    () => `line\n${injection}\r\n${injection}\u2028${injection}\n${repeated}`,
    () => mutated(random, real, injection),
    () => mutated(random, real, injection),
    () => mutated(random, real, injection),
  ] as [() => string, ...(() => string)[]])()
}

/** The real response, in which some values are of another kind. */
function mutated(random: Random, real: string, injection: string): string {
  const others = [null, 0, -1, 1e99, true, '', `\n${injection}`, [], [null], {}, { a: 1 }] as [
    unknown,
    ...unknown[],
  ]
  try {
    return JSON.stringify(JSON.parse(real), (key, value: unknown) =>
      key !== '' && random.chance(0.2) ? random.pick(others) : value,
    )
  } catch {
    return real
  }
}

interface Forwarded {
  status: number
  type: string
  text: string
}

function forward(origin: string, incoming: IncomingMessage, body: Buffer): Promise<Forwarded> {
  const { host: _, connection: _connection, ...headers } = incoming.headers
  const { method = 'GET', url = '/' } = incoming
  return new Promise((resolve, reject) => {
    httpRequest(`${origin}${url}`, { method, headers }, async (response) => {
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers['content-type'] ?? '',
        text: await text(response),
      })
    })
      .on('error', reject)
      .end(body)
  })
}
