import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger } from '@port-dispatch/core'
import { parseRenderedMethod } from '@port-dispatch/core/action'
import { BackendError, Dispatcher, type Plan, startOnce } from '@port-dispatch/dispatcher'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Broker, brokerMissing } from '../../../../test/support/kafka/broker.ts'

const missing = brokerMissing()
/** More than all time limits together, and than a broker takes to start on a busy machine. */
const PATIENCE_MS = 200_000

describe.skipIf(missing)('a message to Kafka is produced once', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await Broker.start()
  }, PATIENCE_MS)

  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]()
  })

  async function planFor(topic: string): Promise<{ plan: Plan; start: () => Promise<unknown> }> {
    await broker.createTopic(topic)
    const dispatcher = new Dispatcher({ kafka: { brokers: [broker.plain], topic } })
    const method = parseRenderedMethod('KAFKA', { type: 'KAFKA', payload: { a: 1 } })
    const plan = await dispatcher.plan(method, { portRunId: 'r_1' })
    const start = () =>
      startOnce({ plan, clock: dispatcher.clock, logger: silentLogger }).catch((error) => error)
    return { plan, start }
  }

  /** A dispatch whose producer has all that it needs for a message: one was sent before. */
  async function readyFor(topic: string) {
    const ready = await planFor(topic)
    expect(await ready.start()).toMatchObject({ type: 'accepted' })
    return ready
  }

  it('or not at all, if the broker dies before', { timeout: PATIENCE_MS }, async () => {
    const { start } = await planFor('before')
    await broker.kill()

    const error = await start()
    await broker.restart()

    expect(error).toBeInstanceOf(BackendError)
    expect(error).toMatchObject({ effect: 'none' })
    expect(await broker.read('before')).toEqual([])
  })

  it('if the broker restarts meanwhile', { timeout: PATIENCE_MS }, async () => {
    const { start } = await readyFor('restart')
    await broker.kill()

    const [started] = await Promise.all([start(), broker.restart()])

    const messages = await broker.read('restart')
    if (started instanceof BackendError) {
      // On a slow machine the broker can need longer than the time limit.
      expect(messages.length).toBeLessThanOrEqual(started.effect === 'unknown' ? 2 : 1)
    } else {
      expect(started).toMatchObject({ type: 'accepted' })
      expect(messages).toHaveLength(2)
    }
  })

  it('if the broker responds after the client repeated the request', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { start } = await readyFor('slow')
    broker.pause()

    const [started] = await Promise.all([start(), delay(7_000).then(() => broker.resume())])

    expect(started).toMatchObject({ type: 'accepted' })
    expect(await broker.read('slow')).toHaveLength(2)
  })

  it('and it is unknown, if the broker does not respond in time', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { start } = await readyFor('stuck')
    broker.pause()

    const began = Date.now()
    const error = await start()
    const took = Date.now() - began
    broker.resume()
    // Time for whatever would still be repeated.
    await delay(3_000)

    expect(error).toMatchObject({
      name: 'UnsettledError',
      effect: 'unknown',
      message: expect.stringContaining('It is unknown whether topic stuck has the message.'),
    })
    expect(took).toBeLessThan(15_000)
    expect((await broker.read('stuck')).length).toBeLessThanOrEqual(2)
  })

  it('also if the broker dies after it', { timeout: PATIENCE_MS }, async () => {
    const { start } = await planFor('after')

    expect(await start()).toMatchObject({ type: 'accepted' })
    await broker.kill()
    await broker.restart()

    expect(await broker.read('after')).toHaveLength(1)
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
