import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin, type IHeaders, Kafka, logLevel } from 'kafkajs'

const FOLDER = import.meta.dirname
/** Where `get-kafka.sh` puts the broker. */
const LIBRARY = process.env.KAFKA_LIB ?? resolve(FOLDER, '../../../node_modules/.cache/kafka')

export const USER = 'port-user'
export const PASSWORD = 'port-secret'

/** A message as another client reads it. */
export interface Read {
  partition: number
  offset: string
  key: string | undefined
  value: string
  headers: Record<string, string>
}

/** A message to be put into a topic. Without a partition its key decides. */
export interface Written {
  value: string | null
  key?: string
  partition?: number
}

/**
 * Why there is no broker to test with; undefined if there is one.
 *
 * @throws where it is required: in CI, a suite that is left out would go unnoticed
 */
export function brokerMissing(): string | undefined {
  const isThere = existsSync(LIBRARY) && readdirSync(LIBRARY).some((name) => /^kafka_/.test(name))
  if (isThere) return undefined
  const missing = `There is no Kafka broker in ${LIBRARY}. Get it with test/support/kafka/get-kafka.sh ${LIBRARY} (Java 17 and Maven).`
  const { CI, PORT_DISPATCH_REQUIRE_TOOLS } = process.env
  if (CI === 'true' || PORT_DISPATCH_REQUIRE_TOOLS === '1') throw new Error(missing)
  process.stderr.write(`${missing}\n`)
  return missing
}

/** A real Apache Kafka in a process of its own, without encryption and with SASL_SSL. */
export class Broker {
  readonly folder: string
  readonly #port: number
  readonly #saslPort: number | undefined

  private constructor(folder: string, port: number, saslPort: number | undefined) {
    this.folder = folder
    this.#port = port
    this.#saslPort = saslPort
  }

  static async start(security: 'plain' | 'plain-and-sasl' = 'plain'): Promise<Broker> {
    for (let attempts = 1; ; attempts++) {
      const folder = mkdtempSync(join(tmpdir(), 'kafka-'))
      const port = await freePort(2)
      const saslPort = security === 'plain' ? undefined : await freePort(1)
      const broker = new Broker(folder, port, saslPort)
      try {
        await broker.restart()
        return broker
      } catch (error) {
        // Between looking and listening somebody else can have taken a port.
        if (attempts === 3) throw error
        rmSync(folder, { recursive: true, force: true })
      }
    }
  }

  /** Starts it again after `kill` or `stop`, with what it had. */
  async restart(): Promise<void> {
    const ports = [this.#port, ...(this.#saslPort === undefined ? [] : [this.#saslPort])]
    const child = spawn(join(FOLDER, 'start-kafka.sh'), [this.folder, ...ports.map(String)], {
      env: { ...process.env, KAFKA_LIB: LIBRARY, KAFKA_USER: USER, KAFKA_PASSWORD: PASSWORD },
      stdio: 'ignore',
    })
    const code = await new Promise<number | null>((done) => child.once('exit', done))
    if (code !== 0) throw new Error(`Kafka did not start: ${this.folder}/broker.log`)
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Takes what it is sent, and does nothing, until it is resumed. */
  pause(): void {
    process.kill(this.#pid, 'SIGSTOP')
  }

  resume(): void {
    process.kill(this.#pid, 'SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  get #pid(): number {
    return Number(readFileSync(join(this.folder, 'pid'), 'utf8'))
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const pid = this.#pid
    try {
      process.kill(pid, signal)
      for (;;) {
        process.kill(pid, 0)
        await new Promise((done) => setTimeout(done, 20))
      }
    } catch {
      // It is gone.
    }
  }

  get plain(): string {
    return `127.0.0.1:${this.#port}`
  }

  get secure(): string {
    return `127.0.0.1:${this.#saslPort}`
  }

  /** PEM text. */
  get ca(): string {
    return readFileSync(join(this.folder, 'ca.pem'), 'utf8')
  }

  async createTopic(
    topic: string,
    config: Record<string, string> = {},
    numPartitions = 2,
  ): Promise<void> {
    const admin = this.#client().admin()
    await admin.connect()
    await admin.createTopics({
      // It fails where the broker that has just started does not know the topic yet.
      waitForLeaders: false,
      topics: [
        {
          topic,
          numPartitions,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        },
      ],
    })
    await untilLed(admin, topic)
    await admin.disconnect()
  }

  /** @param count how many the topic has then */
  async addPartitions(topic: string, count: number): Promise<void> {
    const admin = this.#client().admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic, count }] })
    await admin.disconnect()
  }

  async deleteTopic(topic: string): Promise<void> {
    const admin = this.#client().admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
  }

  /** Puts messages into a topic by a client that has nothing in common with ours. */
  async produce(topic: string, messages: readonly Written[]): Promise<void> {
    // A busy broker responds late, and what is sent again must not be there twice.
    const producer = this.#client().producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    await producer.send({ topic, messages: messages.map((message) => ({ key: null, ...message })) })
    await producer.disconnect()
  }

  /** What a consumer group has committed: by partition, -1 where nothing. */
  async committed(groupId: string, topic: string): Promise<number[]> {
    const admin = this.#client().admin()
    await admin.connect()
    const [{ partitions } = { partitions: [] }] = await admin.fetchOffsets({
      groupId,
      topics: [topic],
    })
    await admin.disconnect()
    return partitions
      .toSorted((one, other) => one.partition - other.partition)
      .map(({ offset }) => Number(offset))
  }

  /** Everything in a topic, read by a client that has nothing in common with ours. */
  async read(topic: string): Promise<Read[]> {
    const client = this.#client()
    const admin = client.admin()
    await admin.connect()
    const ends = await this.#endsOf(admin, topic)
    await admin.disconnect()
    // What others produce meanwhile comes in between: each partition is read up to where it ended.
    const open = new Map(
      ends
        .map(({ partition, high }) => [partition, Number(high)] as const)
        .filter(([, high]) => high > 0),
    )
    const messages: Read[] = []
    if (open.size === 0) return messages
    const consumer = client.consumer({ groupId: `test-${Math.random()}` })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((done, fail) => {
      consumer
        .run({
          eachMessage: async ({ partition, message: { offset, key, value, headers = {} } }) => {
            messages.push({
              partition,
              offset,
              key: key?.toString(),
              value: value?.toString() ?? '',
              headers: textOf(headers),
            })
            if (Number(offset) + 1 >= (open.get(partition) ?? 0)) open.delete(partition)
            if (open.size === 0) done()
          },
        })
        .catch(fail)
    })
    await consumer.disconnect()
    return messages
  }

  /** After a restart it takes a moment until a partition has its leader again. */
  async #endsOf(admin: Admin, topic: string): Promise<{ partition: number; high: string }[]> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await admin.fetchTopicOffsets(topic)
      } catch (error) {
        if (attempts === 50) throw error
        await new Promise((done) => setTimeout(done, 200))
      }
    }
  }

  #client(): Kafka {
    return new Kafka({ brokers: [this.plain], logLevel: logLevel.NOTHING })
  }
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** A port that nobody listens at, and the ones after it. */
async function freePort(count: number): Promise<number> {
  for (;;) {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    await new Promise((done) => server.close(done))
    if (count === 1 || port < 60_000) return port
  }
}

/** Waits until each partition of a topic has a leader. */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  for (;;) {
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined)
    const partitions = metadata?.topics[0]?.partitions ?? []
    if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return
    await delay(100)
  }
}
