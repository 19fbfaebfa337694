import type { Clock } from '../clock.ts'
import type { Actions } from './actions.ts'
import type { Claims } from './claims.ts'
import type { Entities } from './entities.ts'
import type { KafkaCredentials } from './kafka-credentials.ts'
import type { NodeRuns } from './node-runs.ts'
import { Runs } from './runs.ts'
import { type CallOptions, Session, type SessionOptions } from './session.ts'

export type PortClientOptions = SessionOptions

/**
 * Port's API, by topic: `port.runs.update('r_1', {statusLabel: 'Running'})`. One access token serves all calls of a
 * client. Calls that can be repeated are repeated, until their deadline.
 *
 * Every call throws PortError if Port refuses, fails or does not respond, and InputError if an identifier cannot be
 * one. A success that is not what Port sends counts as a response that was lost.
 */
export class PortClient {
  readonly runs: Runs
  readonly actions: Actions
  readonly nodeRuns: NodeRuns
  readonly entities: Entities
  readonly claims: Claims
  readonly #session: Session

  /** @throws InputError if a credential is empty, or has a line break in it */
  constructor(options: PortClientOptions) {
    const session = new Session(options)
    this.#session = session
    this.runs = new Runs(session)
    // A step that reports on a run needs none of these, and should not wait for them to be read.
    this.actions = onUse(async () => new (await import('./actions.ts')).Actions(session))
    this.nodeRuns = onUse(async () => new (await import('./node-runs.ts')).NodeRuns(session))
    this.entities = onUse(async () => new (await import('./entities.ts')).Entities(session))
    this.claims = onUse(async () => new (await import('./claims.ts')).Claims(session))
  }

  /**
   * `GET /v1/kafka-credentials`: how to connect to the Kafka of the organization.
   *
   * @returns undefined if it has none
   */
  async kafkaCredentials(options?: CallOptions): Promise<KafkaCredentials | undefined> {
    const { kafkaCredentials } = await import('./kafka-credentials.ts')
    return await kafkaCredentials(this.#session, options)
  }

  /** Whether a URL is of the API that this client calls: Port calls its own API with the token of the organization. */
  isOwn(url: URL): boolean {
    return this.#session.isOwn(url)
  }

  /** An access token that is valid now, for a request that this client does not make. */
  async accessToken(options?: CallOptions): Promise<string> {
    return await this.#session.accessToken(options)
  }

  /** By how many milliseconds Port's clock is ahead of ours, as far as its responses have told. */
  get clockOffset(): number {
    return this.#session.clockOffset
  }

  /** The clock that all its waiting uses. */
  get clock(): Clock {
    return this.#session.http.clock
  }
}

/**
 * Loads a topic when one of its methods is called.
 *
 * @param load gives an object that has asynchronous methods only
 */
function onUse<T extends object>(load: () => Promise<T>): T {
  let loading: Promise<T> | undefined
  return new Proxy<T>(Object.create(null), {
    get: (_, name) => {
      // Whoever awaits the topic itself must not wait for ever.
      if (name === 'then') return undefined
      return async (...parameters: unknown[]) => {
        loading ??= load()
        const topic = await loading
        const method: unknown = Reflect.get(topic, name)
        if (typeof method !== 'function') throw new TypeError(`There is no ${String(name)}`)
        return await method.apply(topic, parameters)
      }
    },
  })
}
