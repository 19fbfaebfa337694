import type { Producer } from '@platformatic/kafka'
import type { Clock } from '@port-dispatch/core'
import type { KafkaConnection, KafkaProtocol } from '../connections.ts'
import { type KafkaModule, outliveConnections } from './load-kafka.ts'
import { within } from './within.ts'

/** A connection that knows its brokers. */
export type KafkaSettings = KafkaConnection & { brokers: readonly string[] }

/** A producer and its connection, which one send at a time uses. */
export interface Session {
  producer: Producer
  /** It has its producer id, with which brokers recognise repetitions. */
  isReady: boolean
  /** Changes with each use. */
  uses: number
  /** Whether somebody waits for it to be out of use, to close it. */
  isWatched: boolean
  isClosed: boolean
}

/** A connection that is kept longer would hold up the end of the process. */
const IDLE_MS = 500
const CLOSE_WITHIN_MS = 1_000
const MAX_SESSIONS = 8
/** Repetitions of the client, enough for a broker that restarts within the time limit. */
const RETRIES = 12
const RETRY_DELAY_MS = 500

/**
 * Producers, each for one message at a time: a broker recognises repetitions of the last five batches only, and the client
 * sends what is not recognised as something new.
 */
export class Sessions {
  readonly #kafka: KafkaModule
  readonly #clock: Clock
  readonly #settings: KafkaSettings
  readonly #idle: Session[] = []
  readonly #waiting: (() => void)[] = []
  #count = 0

  constructor(kafka: KafkaModule, clock: Clock, settings: KafkaSettings) {
    this.#kafka = kafka
    this.#clock = clock
    this.#settings = settings
  }

  /**
   * Lends a session, as soon as there is one. One in which something failed is not used again.
   *
   * @throws the reason of the signal, if it is aborted before; what the work throws
   */
  async use<T>(
    work: (session: Session) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    while (this.#idle.length === 0 && this.#count >= MAX_SESSIONS) await this.#turn(signal)
    const session = this.#idle.pop() ?? this.#open()
    session.uses++
    let isSound = false
    try {
      const result = await work(session)
      isSound = true
      return result
    } finally {
      if (isSound) {
        this.#idle.push(session)
        void this.#closeWhenIdle(session)
      } else {
        await this.#close(session)
      }
      this.#waiting.shift()?.()
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = () => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1)
      reject(signal?.reason)
    }
    this.#waiting.push(resolve)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  #open(): Session {
    const producer = new this.#kafka.Producer({
      ...clientOptions(this.#settings),
      timeout: 5_000,
      // With fewer than two, the idempotent producer of the client tries for ever.
      retries: RETRIES,
      retryDelay: RETRY_DELAY_MS,
    })
    outliveConnections(producer)
    this.#count++
    return { producer, isReady: false, uses: 0, isWatched: false, isClosed: false }
  }

  async #closeWhenIdle(session: Session): Promise<void> {
    if (session.isWatched) return
    session.isWatched = true
    for (let uses = -1; uses !== session.uses || !this.#idle.includes(session); ) {
      uses = session.uses
      await this.#clock.sleep(IDLE_MS)
      if (session.isClosed) return
    }
    this.#idle.splice(this.#idle.indexOf(session), 1)
    await this.#close(session)
  }

  async #close(session: Session): Promise<void> {
    session.isClosed = true
    this.#count--
    const closing = session.producer.close(true)
    // There is nothing to do about a connection that does not close, and nothing depends on it.
    await within(closing, {
      clock: this.#clock,
      limit: CLOSE_WITHIN_MS,
      signal: undefined,
    }).catch(() => {})
  }
}

/** How any client of the library connects. */
export function clientOptions(settings: KafkaSettings) {
  const { brokers, username, password, mechanism = 'SCRAM-SHA-512', ca } = settings
  const protocol = protocolOf(settings)
  return {
    clientId: 'port-dispatch',
    bootstrapBrokers: [...brokers],
    connectTimeout: 5_000,
    ...(protocol.endsWith('SSL') && { tls: { ...(ca && { ca }) } }),
    ...(protocol.startsWith('SASL') && {
      sasl: { mechanism, username: username ?? '', password: password ?? '' },
    }),
  }
}

export function protocolOf({ protocol, username, ca }: KafkaConnection): KafkaProtocol {
  if (protocol) return protocol
  if (username) return 'SASL_SSL'
  return ca ? 'SSL' : 'PLAINTEXT'
}
