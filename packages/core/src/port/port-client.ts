import type { Clock } from '../clock.ts'
import { Actions } from './actions.ts'
import { Claims } from './claims.ts'
import { Entities } from './entities.ts'
import { type KafkaCredentials, kafkaCredentials } from './kafka-credentials.ts'
import { NodeRuns } from './node-runs.ts'
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
  readonly actions: Actions
  readonly runs: Runs
  readonly nodeRuns: NodeRuns
  readonly entities: Entities
  readonly claims: Claims
  readonly #session: Session

  /** @throws InputError if a credential is empty, or has a line break in it */
  constructor(options: PortClientOptions) {
    this.#session = new Session(options)
    this.actions = new Actions(this.#session)
    this.runs = new Runs(this.#session)
    this.nodeRuns = new NodeRuns(this.#session)
    this.entities = new Entities(this.#session)
    this.claims = new Claims(this.#session)
  }

  /**
   * `GET /v1/kafka-credentials`: how to connect to the Kafka of the organization.
   *
   * @returns undefined if it has none
   */
  async kafkaCredentials(options?: CallOptions): Promise<KafkaCredentials | undefined> {
    return await kafkaCredentials(this.#session, options)
  }

  /** The clock that all its waiting uses. */
  get clock(): Clock {
    return this.#session.http.clock
  }
}
