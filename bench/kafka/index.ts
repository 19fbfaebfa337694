// Messages a second through the library, beside the bare client with the same settings. Needs a broker: see
// test/support/kafka.
import { Producer } from '@platformatic/kafka'
import { parseRenderedMethod } from '@port-dispatch/core/action'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { Broker, brokerMissing } from '../../test/support/kafka/broker.ts'
import { compare } from '../throughput.ts'

const MESSAGES = 4_000
const GOAL = 0.8
const PAYLOAD = { service: 'checkout', environment: 'staging', version: '1.4.0' }
const TOPIC = 'bench.runs'

export async function run(): Promise<void> {
  console.log('\nKafka: messages a second, each acknowledged by a broker on this machine')
  if (brokerMissing()) return
  await using broker = await Broker.start()
  await broker.createTopic(TOPIC)
  const producer = new Producer({
    clientId: 'bare',
    bootstrapBrokers: [broker.plain],
    retries: 12,
  })
  try {
    const ours = library(broker.plain)
    const bare = (index: number) => bareSend(producer, index)
    await compare({ ours, bare, concurrency: 10, calls: 400, goal: GOAL })
    const rows: Record<string, Record<string, string>> = {}
    for (const concurrency of [1, 10, 100]) {
      rows[`${concurrency} at a time`] = await compare({
        ours,
        bare,
        concurrency,
        calls: MESSAGES,
        goal: GOAL,
      })
    }
    console.table(rows)
  } finally {
    await producer.close(true)
  }
}

function library(broker: string): (index: number) => Promise<unknown> {
  const dispatcher = new Dispatcher({ kafka: { brokers: [broker], topic: TOPIC } })
  const method = parseRenderedMethod('KAFKA', { type: 'KAFKA', payload: PAYLOAD })
  return async (index) => {
    const plan = await dispatcher.plan(method, { portRunId: `r_${index}` })
    return await plan.start()
  }
}

async function bareSend(producer: Producer, index: number): Promise<unknown> {
  return await producer.send({
    acks: -1,
    idempotent: true,
    messages: [
      { topic: TOPIC, key: Buffer.from(`r_${index}`), value: Buffer.from(JSON.stringify(PAYLOAD)) },
    ],
  })
}
