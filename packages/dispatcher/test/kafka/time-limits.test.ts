import { EventEmitter } from 'node:events'
import { ProduceAcks, type Producer } from '@platformatic/kafka'
import { BackendError } from '@port-dispatch/dispatcher'
import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../../../../test/faults/virtual-time.ts'
import { KafkaClient } from '../../src/backends/kafka/client.ts'

const STEPS = ['metadata', 'initIdempotentProducer', 'send', 'close'] as const
type Step = (typeof STEPS)[number]
/** Seconds that a step takes, or for ever. */
type Delays = Partial<Record<Step, number>>
const FOR_EVER = Number.POSITIVE_INFINITY
const MESSAGE = { topic: 'runs', key: 'r_1', value: '{}', headers: {} }

/** A client whose broker is as slow as this, in a time that passes only when everything waits. */
function slowKafka(delays: Delays) {
  const time = new VirtualTime()
  const clock = time.clock()
  const sent: unknown[] = []
  const step = async (name: Step) => {
    const seconds = delays[name] ?? 0
    if (seconds === FOR_EVER) await new Promise(() => {})
    if (seconds > 0) await time.sleep(seconds * 1_000)
  }
  class SlowProducer extends EventEmitter {
    metadata = () => step('metadata')
    initIdempotentProducer = () => step('initIdempotentProducer')
    close = () => step('close')
    send = async (message: unknown) => {
      sent.push(message)
      await step('send')
      return { offsets: [{ partition: 0, offset: 7n }] }
    }
  }
  // Of the module, the client uses these two.
  const kafka = { Producer: SlowProducer as unknown as typeof Producer, ProduceAcks }
  const client = new KafkaClient(kafka as never, clock, { brokers: ['broker:9092'] })
  return { time, client, sent }
}

async function failed(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'it worked',
    (error: unknown) => error,
  )
}

describe('a failure of Kafka is known within 15 s', () => {
  it.each<[string, Delays]>([
    ['for ever', { metadata: FOR_EVER }],
    ['for ever, and the connection does not close', { metadata: FOR_EVER, close: FOR_EVER }],
  ])('where the topic is looked up %s', async (_, delays) => {
    const { time, client } = slowKafka(delays)
    const began = time.now()
    const error = await time.until(failed(client.checkTopic('runs', undefined)))
    expect(error).toMatchObject({ effect: 'none', message: expect.stringContaining('runs') })
    expect(time.now() - began).toBeLessThanOrEqual(15_000)
  })

  it.each<[string, Delays, 'none' | 'unknown']>([
    ['the producer does not get ready', { initIdempotentProducer: FOR_EVER }, 'none'],
    ['the acknowledgement does not come', { send: FOR_EVER }, 'unknown'],
    [
      'it does not come, and getting ready took 7 s',
      { initIdempotentProducer: 7, send: FOR_EVER },
      'unknown',
    ],
    ['it comes too late', { initIdempotentProducer: 7.9, send: 9 }, 'unknown'],
    ['nothing ends', { initIdempotentProducer: 7.9, send: FOR_EVER, close: FOR_EVER }, 'unknown'],
  ])('where %s', async (_, delays, effect) => {
    const { time, client, sent } = slowKafka(delays)
    const began = time.now()
    const error = await time.until(failed(client.produce(MESSAGE, undefined)))
    expect(error).toBeInstanceOf(BackendError)
    expect(error).toMatchObject({ effect })
    expect(time.now() - began).toBeLessThanOrEqual(15_000)
    expect(sent).toHaveLength(effect === 'none' ? 0 : 1)
  })

  it('and what takes long is waited for', async () => {
    const { time, client } = slowKafka({
      metadata: 9,
      initIdempotentProducer: 4,
      send: 8,
      close: 9,
    })
    const work = client.checkTopic('runs', undefined).then(() => client.produce(MESSAGE, undefined))
    expect(await time.until(work)).toEqual({ partition: 0, offset: '7' })
  })
})

describe('a stop', () => {
  it('ends the waiting for a connection, and nothing is sent after it', async () => {
    const { time, client, sent } = slowKafka({ send: FOR_EVER })
    const others = Array.from({ length: 8 }, () => failed(client.produce(MESSAGE, undefined)))
    const stop = new AbortController()
    const waiting = failed(client.produce(MESSAGE, stop.signal))
    await time.until(time.sleep(1_000))
    const began = time.now()
    stop.abort(new Error('stopped'))
    expect(await time.until(waiting)).toEqual(new Error('stopped'))
    expect(time.now()).toBe(began)
    await time.until(Promise.all(others))
    expect(sent).toHaveLength(8)
    // Its place in the queue is free again.
    expect(await time.until(failed(client.checkTopic('runs', undefined)))).toBe('it worked')
  })
})
