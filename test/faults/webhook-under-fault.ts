import { type Logger, PortDispatchError } from '@port-dispatch/core'
import { fetchTransport, Http } from '@port-dispatch/core/http'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { connectionsFromEnvironment } from '@port-dispatch/dispatcher/host'
import type { Sandbox } from '@port-dispatch/sandbox'
import { exitCodeOfError, exitCodeOfResult } from '../../packages/cli/src/exit-code.ts'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'
import { type Certificate, selfSigned } from '../support/certificate.ts'
import { dispatchOn } from '../support/dispatch-on.ts'
import { InstantClock } from '../support/instant-clock.ts'
import { RawServer } from '../support/raw-server.ts'
import { type Fault, INJECTIONS, isFinal, type RequestKind } from './fault.ts'
import { faultyFetch } from './faulty-fetch.ts'

/** What goes wrong with the call of a webhook. */
export const WEBHOOK_FAULTS = [
  'refused',
  'reset before the request',
  'reset in the TLS handshake',
  'untrusted certificate',
  'reset after the request',
  'no response',
  'half a header',
  'reset in the body',
  'slow body',
  'huge body',
  '500',
  '503 Retry-After',
  '503 Retry-After for ever',
  '503',
  'redirect to another host',
  'page of a proxy',
  'nothing',
] as const
export type WebhookFault = (typeof WEBHOOK_FAULTS)[number]

export interface WebhookCell {
  /** Requests that the receiver took, and did not turn away with a 503. */
  calls: number
  /** Final statuses that Port accepted. */
  finals: number
  status: string
  statusLabel: string | undefined
  exitCode: number
  told: string[]
  /** How often the fault of Port struck. */
  struck: number
  /** Milliseconds that would have passed. */
  took: number
}

export interface WebhookUnderFault {
  synchronized: boolean
  webhook?: WebhookFault
  port?: { kind: RequestKind; fault: Fault }
}

/** A whole dispatch of a webhook on a clock on which waiting takes no time. */
export async function webhookUnderFault(options: WebhookUnderFault): Promise<WebhookCell> {
  const { synchronized, webhook = 'nothing', port } = options
  const clock = new InstantClock()
  const sandbox = await startCheckedSandbox({ now: () => clock.now() })
  const calls = { count: 0 }
  const { server, url } = await receiver(webhook, clock, calls)
  const faulty = await faultyFetch({
    origin: sandbox.url,
    clock,
    kind: port?.kind ?? 'token',
    injection: port ? INJECTIONS[port.fault] : { processed: true, times: 0, answer: 'reset' },
  })
  const told: string[] = []
  const begin = clock.now()
  try {
    const { id } = sandbox.createPortRun('deploy_service')
    const env = { ...sandbox.environment, PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1' }
    const http = new Http({ clock, transport: fetchTransport(faulty.fetch) })
    const exitCode = await exitCodeOf(sandbox, told, {
      dispatcher: new Dispatcher(connectionsFromEnvironment(env), { http }),
      action: { type: 'WEBHOOK', url, synchronized, body: { a: 1 } },
      runId: id,
      clock,
      fetch: faulty.fetch,
    })
    const run = sandbox.portRun(id)
    return {
      calls: calls.count,
      finals: sandbox.exchanges.filter(isFinal).length,
      status: run?.status ?? 'none',
      statusLabel: run?.statusLabel,
      exitCode,
      told,
      struck: faulty.struck(),
      took: clock.now() - begin,
    }
  } finally {
    await server[Symbol.asyncDispose]()
    await faulty.close()
    await sandbox.close()
  }
}

async function exitCodeOf(
  sandbox: Sandbox,
  told: string[],
  options: Parameters<typeof dispatchOn>[1],
): Promise<number> {
  const logger: Logger = {
    info: () => {},
    notice: (message) => told.push(message),
    warning: (message) => told.push(message),
  }
  try {
    return exitCodeOfResult(await dispatchOn(sandbox, { ...options, logger }))
  } catch (error) {
    if (!(error instanceof PortDispatchError)) throw error
    told.push(error.message)
    return exitCodeOfError(error)
  }
}

let certificate: Certificate | undefined

/** A receiver below HTTP, so that it can fail at every byte. */
async function receiver(
  fault: WebhookFault,
  clock: InstantClock,
  calls: { count: number },
): Promise<{ server: RawServer; url: string }> {
  const isSecure = fault === 'untrusted certificate'
  if (isSecure) certificate ??= selfSigned()
  const other = new Set<number>()
  const server = await RawServer.start(
    (socket, received, connection) => {
      // The first bytes are of the handshake.
      if (fault === 'reset in the TLS handshake' && !received.startsWith('POST')) {
        socket.resetAndDestroy()
        return
      }
      // A connection can carry several requests.
      const requests = received.split('POST ').length - 1
      const isWhole = received.endsWith('{"a":1}')
      if (!isWhole || other.has(connection * 1_000 + requests)) return
      other.add(connection * 1_000 + requests)
      const nth = other.size - 1
      const isBusy =
        fault.startsWith('503') && (fault.endsWith('ever') || fault === '503' || nth === 0)
      if (!isBusy) calls.count++
      RESPONSES[isBusy ? fault : fault.startsWith('503') ? 'nothing' : fault]?.(socket, clock)
    },
    certificate && isSecure ? certificate : undefined,
  )
  if (fault === 'reset before the request') server.resetConnections()
  const { port } = server
  if (fault === 'refused') await server[Symbol.asyncDispose]()
  const scheme = /TLS|certificate/.test(fault) ? 'https' : 'http'
  return { server, url: `${scheme}://127.0.0.1:${port}/hook` }
}

type Socket = import('node:net').Socket
const HEAD = 'content-type: application/json\r\n'
const respond =
  (status: string, headers = '', body = '{"id":7}') =>
  (socket: Socket) => {
    const length = `content-length: ${Buffer.byteLength(body)}\r\n`
    socket.write(`HTTP/1.1 ${status}\r\n${HEAD}${headers}${length}\r\n${body}`)
  }
const BUSY = respond('503 Service Unavailable', 'retry-after: 3\r\n', 'busy')

const RESPONSES: Partial<Record<WebhookFault, (socket: Socket, clock: InstantClock) => void>> = {
  nothing: respond('200 OK'),
  'untrusted certificate': respond('200 OK'),
  'reset after the request': (socket) => socket.resetAndDestroy(),
  'no response': (_socket, clock) => clock.expireTimeouts(),
  'half a header': (socket) => socket.end('HTTP/1.1 200 O'),
  'reset in the body': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${HEAD}content-length: 100\r\n\r\n{"id"`)
    setTimeout(() => socket.resetAndDestroy(), 3_000)
  },
  'slow body': (socket, clock) => {
    socket.write(`HTTP/1.1 200 OK\r\n${HEAD}content-length: 100\r\n\r\n{"id"`)
    // Long after the client has read the beginning, however busy the machine is.
    setTimeout(() => clock.expireTimeouts(), 3_000)
  },
  'huge body': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${HEAD}\r\n{"text": "`)
    const more = () => void (socket.destroyed || socket.write('x'.repeat(65_536), more))
    more()
  },
  '500': respond('500 Internal Server Error', '', 'boom'),
  '503': respond('503 Service Unavailable', '', 'busy'),
  '503 Retry-After': BUSY,
  '503 Retry-After for ever': BUSY,
  'redirect to another host': respond(
    '307 Temporary Redirect',
    'location: http://127.0.0.2:9/x\r\n',
  ),
  'page of a proxy': respond('200 OK', '', '<!doctype html><title>Sign in</title>'),
}
