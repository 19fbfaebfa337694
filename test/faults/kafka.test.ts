import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, PortDispatchError } from '@port-dispatch/core'
import { parseRenderedMethod } from '@port-dispatch/core/action'
import { Dispatcher } from '@port-dispatch/dispatcher'
import type { Sandbox } from '@port-dispatch/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCodeOfError, exitCodeOfResult } from '../../packages/cli/src/exit-code.ts'
import { startCheckedSandbox } from '../contracts/checked-sandbox.ts'
import { dispatchOn } from '../support/dispatch-on.ts'
import { Broker, brokerMissing } from '../support/kafka/broker.ts'
import { isFinal } from './fault.ts'

const missing = brokerMissing()
/** More than all time limits together, and than a broker takes to start on a busy machine. */
const PATIENCE_MS = 200_000

interface Cell {
  /** Messages of the Port run that are in the topic. */
  messages: number
  /** Final statuses that Port accepted. */
  finals: number
  status: string
  statusLabel: string | undefined
  exitCode: number
}

/** The consumer has the message, and reports the end. */
const ACCEPTED: Cell = {
  messages: 1,
  finals: 0,
  status: 'IN_PROGRESS',
  statusLabel: 'Sending to Kafka',
  exitCode: 0,
}
const NOT_STARTED: Cell = {
  messages: 0,
  finals: 1,
  status: 'FAILURE',
  statusLabel: 'Not started',
  exitCode: 3,
}
/** Whether the topic has the message is not known, so the run stays open for the consumer to end it. */
const UNKNOWN = {
  finals: 0,
  status: 'IN_PROGRESS',
  statusLabel: 'Unknown whether it started',
  exitCode: 3,
}

describe.skipIf(missing)('a message to Kafka is produced once', () => {
  let broker: Broker
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startCheckedSandbox()
    broker = await Broker.start()
  }, PATIENCE_MS)

  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]()
    await sandbox?.close()
  })

  /** Whole dispatches to a topic of their own by one dispatcher, as an agent makes them. */
  async function dispatching(topic: string) {
    await broker.createTopic(topic)
    const dispatcher = new Dispatcher({ kafka: { brokers: [broker.plain], topic } })
    const told: string[] = []
    const tell = (message: string) => void told.push(message)
    const logger: Logger = { info: () => {}, notice: tell, warning: tell }
    let latest = ''
    return {
      told,
      start: async (): Promise<number> => {
        const { id } = sandbox.createPortRun('deploy_service')
        latest = id
        const action = { type: 'KAFKA', payload: { a: 1 } }
        try {
          const options = { dispatcher, action, runId: id, logger }
          return exitCodeOfResult(await dispatchOn(sandbox, options))
        } catch (error) {
          if (!(error instanceof PortDispatchError)) throw error
          told.push(error.message)
          return exitCodeOfError(error)
        }
      },
      /** What has become of the latest. */
      cell: async (exitCode: number): Promise<Cell> => {
        const { status = 'none', statusLabel } = sandbox.portRun(latest) ?? {}
        return {
          messages: (await broker.read(topic)).filter(({ key }) => key === latest).length,
          finals: sandbox.exchanges.filter(
            (exchange) => isFinal(exchange) && exchange.path.includes(latest),
          ).length,
          status,
          statusLabel,
          exitCode,
        }
      },
    }
  }

  /** A dispatcher that has a connection and its producer id: it has produced before. */
  async function readyFor(topic: string) {
    const ready = await dispatching(topic)
    expect(await ready.cell(await ready.start()), ready.told.join('\n')).toEqual(ACCEPTED)
    return ready
  }

  it('if the broker dies after it, and not at all if the broker is away', {
    timeout: PATIENCE_MS,
  }, async () => {
    const after = await dispatching('after')
    const before = await dispatching('before')
    const exitCodeAfter = await after.start()
    await broker.kill()
    const exitCodeBefore = await before.start()
    await broker.restart()

    expect(await after.cell(exitCodeAfter)).toEqual(ACCEPTED)
    expect(await before.cell(exitCodeBefore)).toEqual(NOT_STARTED)
    expect(before.told.join('\n')).toContain('the connection was refused (ECONNREFUSED)')
  })

  it('if the broker dies during it and restarts', { timeout: PATIENCE_MS }, async () => {
    const { start, cell, told } = await readyFor('restart')
    await broker.kill()
    const [exitCode] = await Promise.all([start(), broker.restart()])

    const { messages, ...rest } = await cell(exitCode)
    // On a slow machine the broker can need longer than the time limit.
    if (exitCode === 0) expect({ messages, ...rest }, told.join('\n')).toEqual(ACCEPTED)
    else if (rest.finals === 1) expect({ messages, ...rest }).toEqual(NOT_STARTED)
    else expect(rest).toEqual(UNKNOWN)
    expect(messages).toBeLessThanOrEqual(1)
  })

  it('if the broker responds after the client repeated the request', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { start, cell, told } = await readyFor('slow')
    broker.pause()
    const [exitCode] = await Promise.all([start(), delay(7_000).then(() => broker.resume())])

    expect(await cell(exitCode), told.join('\n')).toEqual(ACCEPTED)
  })

  it('and it is unknown, if the broker takes it and does not respond in time', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { start, cell, told } = await readyFor('stuck')
    broker.pause()
    const exitCode = await start()
    broker.resume()
    // Time for whatever would still be repeated.
    await delay(3_000)

    const { messages, ...rest } = await cell(exitCode)
    expect(rest).toEqual(UNKNOWN)
    expect(messages).toBeLessThanOrEqual(1)
    expect(told.join('\n')).toContain('It is unknown whether topic stuck has the message.')
  })

  it('each, if many are produced at a time', { timeout: PATIENCE_MS }, async () => {
    await broker.createTopic('many')
    const dispatcher = new Dispatcher({ kafka: { brokers: [broker.plain], topic: 'many' } })
    const ids = Array.from({ length: 200 }, (_, index) => `r_${index}`)

    const started = await Promise.all(
      ids.map(async (portRunId) => {
        const method = parseRenderedMethod('KAFKA', { type: 'KAFKA', payload: { portRunId } })
        return (await dispatcher.plan(method, { portRunId })).start()
      }),
    )

    expect(new Set(started.map(({ type }) => type))).toEqual(new Set(['accepted']))
    const messages = await broker.read('many')
    expect(messages.map(({ key }) => key).sort()).toEqual(ids.toSorted())
  })
})
