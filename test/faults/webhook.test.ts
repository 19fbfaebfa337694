import { afterAll, describe, expect, it } from 'vitest'
import { representative } from '../support/thorough.ts'
import { FAULTS } from './fault.ts'
import {
  WEBHOOK_FAULTS,
  type WebhookCell,
  type WebhookFault,
  webhookUnderFault,
} from './webhook-under-fault.ts'

type Expected = Pick<WebhookCell, 'calls' | 'finals' | 'status' | 'statusLabel' | 'exitCode'>

const SUCCESS: Expected = {
  calls: 1,
  finals: 1,
  status: 'SUCCESS',
  statusLabel: '200 OK',
  exitCode: 0,
}
/** The receiver has accepted the call, and reports the end. */
const ACCEPTED: Expected = {
  calls: 1,
  finals: 0,
  status: 'IN_PROGRESS',
  statusLabel: 'Calling the webhook',
  exitCode: 0,
}
/** The call certainly did not arrive. */
const NOT_STARTED: Expected = {
  calls: 0,
  finals: 1,
  status: 'FAILURE',
  statusLabel: 'Not started',
  exitCode: 3,
}
/** Nobody knows what became of the call. The receiver of an asynchronous one may still report. */
const UNKNOWN: Record<'async' | 'sync', Expected> = {
  async: { ...ACCEPTED, statusLabel: 'Unknown whether it started', exitCode: 3 },
  sync: { ...NOT_STARTED, calls: 1, statusLabel: 'Unknown whether it started' },
}
const refused = (calls: number, statusLabel: string): Record<'async' | 'sync', Expected> => ({
  async: { ...NOT_STARTED, calls, statusLabel },
  sync: { ...NOT_STARTED, calls, statusLabel, exitCode: 1 },
})

const BOTH_NOT_STARTED = { async: NOT_STARTED, sync: NOT_STARTED }
const BOTH_DONE = { async: ACCEPTED, sync: SUCCESS }

const EXPECTED: Record<WebhookFault, Record<'async' | 'sync', Expected>> = {
  refused: BOTH_NOT_STARTED,
  'reset before the request': BOTH_NOT_STARTED,
  'reset in the TLS handshake': BOTH_NOT_STARTED,
  'untrusted certificate': BOTH_NOT_STARTED,
  'reset after the request': UNKNOWN,
  'no response': UNKNOWN,
  'half a header': UNKNOWN,
  // The status has come, and decides.
  'reset in the body': BOTH_DONE,
  'slow body': BOTH_DONE,
  'huge body': BOTH_DONE,
  '500': refused(1, '500 Internal Server Error'),
  // A receiver that says when to come back has not taken the call.
  '503 Retry-After': BOTH_DONE,
  '503 Retry-After for ever': refused(0, '503 Service Unavailable'),
  '503': refused(0, '503 Service Unavailable'),
  'redirect to another host': refused(1, '307 Temporary Redirect'),
  'page of a proxy': BOTH_DONE,
  nothing: BOTH_DONE,
}

const KINDS = ['async', 'sync'] as const
const cells = new Map<string, WebhookCell>()

describe.concurrent('a fault in the call of a webhook', () => {
  it.for(KINDS.flatMap((kind) => WEBHOOK_FAULTS.map((fault) => [kind, fault] as const)))(
    '%s, %s',
    async ([kind, fault]) => {
      const cell = await webhookUnderFault({ webhook: fault, synchronized: kind === 'sync' })
      cells.set(`${fault} ${kind}`, cell)
      expectCell(cell, EXPECTED[fault][kind])
      // Half a minute for a response, a minute for a receiver that is busy or away, and what reporting takes.
      expect(cell.took).toBeLessThan(100_000)
    },
  )
})

/** Requests to Port of a dispatch of a webhook, in their order. */
const REQUESTS = ['token', 'look', 'start', 'response', 'final'] as const

/** With every other fault everything ends as if nothing had happened. */
const EXCEPTIONS: Record<string, { async: Partial<Expected>; sync: Partial<Expected> }> = {
  // Port refuses the credentials themselves: nothing is called.
  'token: expired token': {
    async: { calls: 0, exitCode: 3, statusLabel: undefined },
    sync: { ...ACCEPTED, calls: 0, exitCode: 3, statusLabel: undefined },
  },
  'token: 503 for ever': {
    async: { exitCode: 4, statusLabel: undefined },
    sync: { ...ACCEPTED, exitCode: 4, statusLabel: undefined },
  },
  'start: 503 for ever': { async: { exitCode: 4, statusLabel: undefined }, sync: {} },
  'response: 503 for ever': { async: {}, sync: { exitCode: 4 } },
  'final: 503 for ever': { async: { exitCode: 4 }, sync: { ...ACCEPTED, exitCode: 4 } },
}

describe.concurrent('a fault in one request to Port while a webhook is called', () => {
  const all = KINDS.flatMap((kind) =>
    REQUESTS.filter((request) => kind === 'sync' || request !== 'response').flatMap((request) =>
      FAULTS.map((fault) => [kind, request, fault] as const),
    ),
  )
  /** Each fault, one in each request, and whatever ends otherwise. */
  const shown = representative(all, ([kind, request, fault]) => {
    const exception = `${request}: ${fault}`
    return [
      `${kind}, ${fault}`,
      `${kind}, ${request}`,
      ...(Object.hasOwn(EXCEPTIONS, exception) ? [`${kind}, ${exception}`] : []),
    ]
  })
  it.for(shown)('%s, %s, %s', async ([kind, request, fault]) => {
    const cell = await webhookUnderFault({
      synchronized: kind === 'sync',
      port: { kind: request, fault },
    })
    cells.set(`${request} ${fault} ${kind}`, cell)
    const exception = EXCEPTIONS[`${request}: ${fault}`]?.[kind]
    expectCell(cell, { ...BOTH_DONE[kind], ...exception })
    expect(cell.struck).toBeGreaterThan(0)
  })
})

function expectCell(cell: WebhookCell, expected: Expected): void {
  const { calls, finals, status, statusLabel, exitCode, told } = cell
  expect({ calls, finals, status, statusLabel, exitCode }, told.join('\n')).toEqual(expected)
  // The exit code 1 says what a synchronized webhook responded.
  if (exitCode > 1) expect(told.join('\n')).not.toBe('')
}

/** A cell is `calls taken / final statuses / exit code`. */
afterAll(() => {
  const text = (name: string) => {
    const cell = cells.get(name)
    return (cell ? `${cell.calls} / ${cell.finals} / ${cell.exitCode}` : '-').padEnd(12)
  }
  const calls = WEBHOOK_FAULTS.map(
    (fault) => fault.padEnd(28) + KINDS.map((kind) => text(`${fault} ${kind}`)).join(''),
  )
  const port = KINDS.flatMap((kind) => [
    `\nWEBHOOK, ${kind}`.padEnd(19) + REQUESTS.map((request) => request.padEnd(12)).join(''),
    ...FAULTS.map(
      (fault) =>
        fault.padEnd(18) + REQUESTS.map((request) => text(`${request} ${fault} ${kind}`)).join(''),
    ),
  ])
  process.stdout.write(
    `\n${[`${'WEBHOOK'.padEnd(28)}async       sync`, ...calls, ...port].join('\n')}\n`,
  )
})
