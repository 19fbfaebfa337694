import {
  type Clock,
  formatError,
  InputError,
  type Logger,
  type PortDispatchError,
  phrase,
  type Setting,
  setting,
  silentLogger,
  systemClock,
} from '@port-dispatch/core'
import { backoff, RETRY_CURVE } from '@port-dispatch/core/http'
import type { PortClient } from '@port-dispatch/core/port'
import {
  type KafkaConnection,
  type KafkaTarget,
  kafkaSettings,
  kafkaTarget,
  loadKafka,
} from '@port-dispatch/dispatcher/kafka'
import type { Intake, Source } from '../../work.ts'
import { explainConsumer, type Failure } from './explain.ts'
import { Outage } from './outage.ts'
import { readMessage } from './read-message.ts'
import { Session } from './session.ts'

export interface KafkaSourceOptions {
  /** Where Kafka is. Without brokers, Port says where its own is and with which credentials. */
  connection?: KafkaConnection
  port?: PortClient | undefined
  /** Id of the organization: topics and groups begin with it. */
  orgId: string
  /** Default: the user name, or `{orgId}.port-dispatch` where there is none. */
  groupId?: string | undefined
  /** Default `{orgId}.runs`. */
  runsTopic?: string | undefined
  /** `true`: `{orgId}.change.log`. Default: changes of the catalog are not consumed. */
  changeLogTopic?: string | boolean | undefined
  /** Client secrets of Port: a run message must be signed with one of them. */
  secrets: readonly string[]
  /** `agent` (default): only runs whose invocation method has `agent: true`. `all`: every run in the topic. */
  accept?: 'agent' | 'all' | undefined
  /** Where to begin when the group has committed nothing. Default `earliest`. */
  startFrom?: 'earliest' | 'latest' | undefined
  /** Milliseconds after which the runs of a process that died are taken by others. Default 30,000. */
  sessionTimeoutMs?: number | undefined
  /** Messages of one partition that may be unfinished, or wait for an unfinished one before them. Default 5,000. */
  maxUncommitted?: number | undefined
  /** Milliseconds until partitions that are added to a topic are noticed. Default 30,000. */
  partitionsEvery?: number | undefined
  clock?: Clock
  logger?: Logger
  observer?: KafkaObserver
  /** The name of a setting for people. Default: the library's. */
  nameOf?: (setting: Setting) => string
}

/** What happens in the source, for metrics. */
export interface KafkaObserver {
  /** A message was taken, whatever becomes of it. */
  received?(topic: string): void
  committed?(): void
  commitFailed?(): void
}

export interface PartitionLag {
  topic: string
  partition: number
  /** Messages that are not done yet, here and in the broker. */
  messages: number
}

const DEFAULT_SESSION_TIMEOUT_MS = 30_000
const DEFAULT_MAX_UNCOMMITTED = 5_000
const DEFAULT_PARTITIONS_EVERY_MS = 30_000
/** A session that lasted longer begins the pauses anew. */
const STABLE_MS = 60_000
/** Where Kafka is, before Port has said it. */
const NOWHERE = { brokers: [], isSecure: false, hasPassword: false }

/**
 * Takes runs from Port's Kafka topic as a member of a consumer group. Who owns a partition owns its runs. An offset is
 * committed when its run and all before it are done, so that whoever gets the partition next gets what is not: the
 * topic is the queue, and nothing is kept here.
 */
export class KafkaSource implements Source {
  readonly name = 'kafka'
  readonly #options: KafkaSourceOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #outage: Outage
  /** Everything that is under way, of earlier sessions too. */
  readonly #runs = new Set<Promise<unknown>>()
  #session: Session | undefined
  #hasJoined = false

  /** @throws InputError if the group or the session timeout cannot be used */
  constructor(options: KafkaSourceOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? silentLogger
    this.#outage = new Outage(this.#logger)
    const { connection, orgId, groupId } = options
    if (connection?.brokers?.length) groupFor(orgId, groupId, connection.username)
  }

  get state(): Source['state'] {
    return this.#outage.state
  }

  /** The lag of the partitions that are ours. */
  get lag(): PartitionLag[] {
    return [...(this.#session?.partitions ?? [])].map(({ topic, partition, lag }) => ({
      topic,
      partition,
      messages: lag,
    }))
  }

  async run(intake: Intake, signal: AbortSignal): Promise<void> {
    const tracked = this.#tracking(intake)
    for (let failures = 0; !signal.aborted; ) {
      const began = this.#clock.now()
      const failure = await this.#take(tracked, signal)
      if (!failure || signal.aborted) break
      if (failure.isFinal && !this.#hasJoined) throw failure.error
      this.#outage.restart('is connecting to Kafka')
      this.#outage.begin('group', this.#messageOf(failure.error))
      if (this.#clock.now() - began > STABLE_MS) failures = 0
      await this.#clock.sleep(backoff(failures++, RETRY_CURVE), signal).catch(() => {})
    }
    this.#outage.restart('is stopping')
    await Promise.allSettled(this.#runs)
  }

  /** Takes runs in one session. @returns why it ended, if the signal is not the reason */
  async #take(intake: Intake, signal: AbortSignal): Promise<Failure | undefined> {
    const { connection = {}, port, orgId, secrets, accept = 'agent', observer } = this.#options
    const { topics, changeLog } = this.#topics
    let groupId = this.#options.groupId ?? ''
    let target: KafkaTarget = { ...NOWHERE, topic: topics.join(' and ') }
    const explain = (error: unknown) => explainConsumer(error, target, groupId)
    try {
      const settings = await kafkaSettings(connection, port, signal)
      groupId = groupFor(orgId, this.#options.groupId, settings.username)
      target = kafkaTarget(settings, target.topic)
      const session = new Session({
        kafka: await loadKafka(),
        settings,
        groupId,
        topics,
        sessionTimeout: this.#options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
        startFrom: this.#options.startFrom ?? 'earliest',
        maxUncommitted: this.#options.maxUncommitted ?? DEFAULT_MAX_UNCOMMITTED,
        partitionsEvery: this.#options.partitionsEvery ?? DEFAULT_PARTITIONS_EVERY_MS,
        clock: this.#clock,
        intake,
        read: (record, mayHaveBegun) =>
          readMessage(record, {
            topic: record.topic === changeLog ? 'change-log' : 'runs',
            secrets,
            accept,
            mayHaveBegun,
            now: Date.now(),
          }),
        observer: {
          received: (topic) => observer?.received?.(topic),
          committed: () => observer?.committed?.(),
          commitFailed: () => observer?.commitFailed?.(),
          result: (part, error) => {
            if (error !== undefined) this.#outage.begin(part, this.#messageOf(explain(error).error))
            else this.#outage.end(part)
            if (error === undefined && part === 'group') this.#hasJoined = true
          },
          expired: ({ topic, partition }, messages) =>
            this.#logger.warning(
              `${messages} messages of partition ${partition} of topic ${topic} expired before they were read.`,
            ),
        },
      })
      this.#session = session
      await session.run(signal)
      return undefined
    } catch (error) {
      return explain(error)
    } finally {
      this.#session = undefined
    }
  }

  #messageOf(error: PortDispatchError): string {
    const { nameOf = (setting) => setting } = this.#options
    return formatError(error, nameOf)
  }

  get #topics(): { topics: string[]; changeLog: string | undefined } {
    const { orgId, runsTopic = `${orgId}.runs`, changeLogTopic } = this.#options
    const changeLog = changeLogTopic === true ? `${orgId}.change.log` : changeLogTopic || undefined
    return { topics: changeLog ? [runsTopic, changeLog] : [runsTopic], changeLog }
  }

  #tracking(intake: Intake): Intake {
    const track = <T>(run: Promise<T>): Promise<T> => {
      this.#runs.add(run)
      const forget = () => void this.#runs.delete(run)
      run.then(forget, forget)
      return run
    }
    return {
      room: (signal) => intake.room(signal),
      execute: (work, signal) => track(intake.execute(work, signal)),
      refuse: (refusal) => track(intake.refuse(refusal)),
    }
  }
}

/**
 * The consumer group. Port's Kafka allows groups that begin with the id of the organization, and the one of the user.
 *
 * @throws InputError for any other
 */
function groupFor(
  orgId: string,
  groupId: string | undefined,
  username: string | undefined,
): string {
  if (groupId === undefined) return username ?? `${orgId}.port-dispatch`
  const isAllowed =
    username === undefined || groupId === username || /^.+$/.test(suffix(groupId, `${orgId}.`))
  if (isAllowed) return groupId
  throw new InputError('Runs cannot be taken from Kafka:', [
    {
      path: 'consumer group',
      found: `is ${JSON.stringify(groupId)}, which Port does not allow`,
      expected: `${orgId}.<name>, or the user name ${username}`,
      advice: phrase`Change it, or leave it out to use the group of ${setting('kafka.username')}`,
    },
  ])
}

function suffix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : ''
}
