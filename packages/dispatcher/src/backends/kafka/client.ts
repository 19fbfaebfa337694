import { type Clock, InputError, phrase, setting } from '@port-dispatch/core'
import type { PortClient } from '@port-dispatch/core/port'
import type { KafkaConnection } from '../connections.ts'
import { checkSettings } from './check-settings.ts'
import { isUnknownTopic, type KafkaTarget, kafkaError, kafkaTarget } from './failure.ts'
import { type KafkaModule, loadKafka } from './load-kafka.ts'
import { type KafkaSettings, Sessions } from './sessions.ts'
import { within } from './within.ts'

export interface KafkaMessage {
  topic: string
  key: string | undefined
  value: string
  headers: Readonly<Record<string, string>>
}

/** Where a message is. */
export interface Produced {
  partition: number
  offset: string
}

/**
 * Connects as the settings say or, where they name no brokers, as Port says for its own Kafka.
 *
 * @throws InputError if neither does, or the Kafka client is not installed
 */
export async function connectKafka(
  clock: Clock,
  connection: KafkaConnection,
  port: PortClient | undefined,
): Promise<KafkaClient> {
  const settings = await kafkaSettings(connection, port)
  return new KafkaClient(await loadKafka(), clock, settings)
}

/**
 * Completes a connection that names no brokers with what Port says of its own Kafka.
 *
 * @throws InputError if the settings contradict each other, Port has none, or cannot be asked; PortError if it refuses or
 *   is away
 */
export async function kafkaSettings(
  connection: KafkaConnection,
  port: PortClient | undefined,
  signal?: AbortSignal,
): Promise<KafkaSettings> {
  if (!hasBrokers(connection)) return await settingsOfPort(connection, port, signal)
  checkSettings(connection)
  return connection
}

function hasBrokers(connection: KafkaConnection): connection is KafkaSettings {
  return connection.brokers !== undefined && connection.brokers.length > 0
}

async function settingsOfPort(
  connection: KafkaConnection,
  port: PortClient | undefined,
  signal: AbortSignal | undefined,
): Promise<KafkaSettings> {
  const credentials = await port?.kafkaCredentials({ ...(signal && { signal }) })
  if (credentials) return { ...connection, ...credentials }
  throw new InputError('Missing settings for Kafka:', [
    {
      setting: 'kafka.brokers',
      found: port ? 'is missing, and Port has no Kafka for this organization' : 'is missing',
      missing: true,
      advice: port
        ? 'Set it to the addresses of the brokers, separated by commas'
        : phrase`Set it to the addresses of the brokers, separated by commas, or give ${setting('port.clientId')} and ${setting('port.clientSecret')} to use the Kafka of Port`,
    },
  ])
}

// Every failure is known within 15 s, closing the connection included.
const LOOKUP_WITHIN_MS = 10_000
const READY_WITHIN_MS = 8_000
const SEND_WITHIN_MS = 10_000
/** Of getting ready and sending together. */
const PRODUCE_WITHIN_MS = 13_000
/** How long the acknowledgement is awaited after a stop. */
const STOP_GRACE_MS = 3_000
/** Produces messages to one Kafka with one set of credentials. */
export class KafkaClient {
  readonly clock: Clock
  readonly connection: KafkaSettings
  readonly #sessions: Sessions
  readonly #acks: number
  readonly #knownTopics = new Set<string>()

  constructor(kafka: KafkaModule, clock: Clock, connection: KafkaSettings) {
    this.#sessions = new Sessions(kafka, clock, connection)
    this.#acks = kafka.ProduceAcks.ALL
    this.clock = clock
    this.connection = connection
  }

  /**
   * Checks that a topic exists, and with that the address and the credentials.
   *
   * @throws InputError if the topic does not exist, BackendError if the broker cannot be reached or refuses
   */
  async checkTopic(topic: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#knownTopics.has(topic)) return
    try {
      await this.#sessions.use(async ({ producer }) => {
        const lookup = producer.metadata({ topics: [topic], retries: 2 })
        await within(lookup, { clock: this.clock, limit: LOOKUP_WITHIN_MS, signal })
      }, signal)
      this.#knownTopics.add(topic)
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error
      if (!isUnknownTopic(error)) throw kafkaError(error, this.#target(topic), undefined)
      throw new InputError(
        'The action cannot be dispatched:',
        [
          {
            setting: 'kafka.topic',
            found: `the topic ${JSON.stringify(topic)} does not exist at ${this.connection.brokers.join(', ')}`,
            advice: phrase`Create it, or name another one with ${setting('kafka.topic')}`,
          },
        ],
        { cause: error },
      )
    }
  }

  /**
   * Produces a message and waits until all replicas in sync have it. The client repeats requests whose response is lost;
   * the broker recognises the repetitions.
   *
   * @throws BackendError: with effect `unknown` the message may be in the topic. The signal's reason if it was aborted
   *   before anything was sent
   */
  async produce(message: KafkaMessage, signal: AbortSignal | undefined): Promise<Produced> {
    const { topic, value } = message
    let isSent = false
    try {
      return await this.#sessions.use(async (session) => {
        const { producer } = session
        const deadline = this.clock.now() + PRODUCE_WITHIN_MS
        if (!session.isReady) {
          const limit = READY_WITHIN_MS
          await within(producer.initIdempotentProducer({}), { clock: this.clock, limit, signal })
          session.isReady = true
        }
        signal?.throwIfAborted()
        isSent = true
        const sending = producer.send({
          acks: this.#acks,
          idempotent: true,
          messages: [toRecord(message)],
        })
        const { offsets = [] } = await within(sending, {
          clock: this.clock,
          limit: Math.min(SEND_WITHIN_MS, deadline - this.clock.now()),
          signal,
          grace: STOP_GRACE_MS,
        })
        const [at] = offsets
        return { partition: at?.partition ?? -1, offset: String(at?.offset ?? -1) }
      }, signal)
    } catch (error) {
      if (signal?.aborted && !isSent) throw signal.reason
      this.#knownTopics.delete(topic)
      const size = Buffer.byteLength(value)
      throw kafkaError(error, this.#target(topic), isSent ? { size } : undefined)
    }
  }

  #target(topic: string): KafkaTarget {
    return kafkaTarget(this.connection, topic)
  }
}

function toRecord({ topic, key, value, headers }: KafkaMessage) {
  return {
    topic,
    ...(key !== undefined && { key: Buffer.from(key) }),
    value: Buffer.from(value),
    headers: new Map(
      Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
    ),
  }
}
