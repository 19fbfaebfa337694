import { InputError, type Problem } from '@port-dispatch/core'
import type { Connections, KafkaConnection } from '@port-dispatch/dispatcher'
import {
  addressProblems,
  connectionsFromEnvironment,
  PORT_ADDRESSES,
} from '@port-dispatch/dispatcher/host'
import type { LogLevel } from '../logging.ts'
import { SOURCES, type SourceName } from '../work.ts'
import { type Environment, Variables } from './variables.ts'

/** As whom Port's own agent claims runs. */
export const PORT_AGENT = '_PORT_EXEC_AGENT'

/** What the agent is told by its environment. Durations are in milliseconds. */
export interface AgentSettings {
  sources: readonly SourceName[]
  port: { clientId: string; clientSecret: string; baseUrl: string | undefined }
  /** Needed for Kafka, whose topics begin with it. */
  orgId: string | undefined
  concurrency: number
  perTarget: number | undefined
  perRepository: number | undefined
  /** A template. */
  orderBy: string | undefined
  grace: number
  followTimeout: number
  resend: 'never' | 'same-key'
  kafka: KafkaSettings
  claim: ClaimSettings
  webhook: WebhookSettings
  /** Where probes and metrics are served. */
  operations: { host: string; port: number }
  /** Milliseconds of computing for the expressions of one run. */
  jqTimeout: number | undefined
  /** Path of `port-dispatch.yml`. */
  config: string | undefined
  /** Path of a mapping file of Port's agent. */
  mapping: string | undefined
  githubOrg: string | undefined
  connections: Connections
  log: { level: LogLevel; format: 'pretty' | 'json'; payloads: boolean }
  /** What a person should know. */
  notes: readonly string[]
}

export interface KafkaSettings {
  connection: KafkaConnection
  groupId: string | undefined
  runsTopic: string | undefined
  changeLogTopic: string | boolean | undefined
  startFrom: 'earliest' | 'latest'
  sessionTimeoutMs: number | undefined
  accept: 'agent' | 'all'
}

export interface ClaimSettings {
  installationId: string
  invocationMethod: string | undefined
  interval: number
  batch: number
  visibilityTimeout: number
  nodeRuns: 'claim' | 'leave'
}

export interface WebhookSettings {
  host: string
  port: number
  tls: { cert: string; key: string } | undefined
  respond: 'taken' | 'finished'
  secrets: readonly string[]
}

/** Ours, and that of Port's agent. */
const KAFKA_NAMES = {
  'kafka.protocol': ['KAFKA_SECURITY_PROTOCOL', 'KAFKA_CONSUMER_SECURITY_PROTOCOL'],
  'kafka.mechanism': ['KAFKA_SASL_MECHANISM', 'KAFKA_CONSUMER_AUTHENTICATION_MECHANISM'],
} as const

const SOURCE_NAMES: Readonly<Record<string, SourceName>> = {
  kafka: 'kafka',
  claim: 'claim',
  polling: 'claim',
  webhook: 'webhook',
}

/**
 * Reads the settings of the agent, by our names and by those of Port's agent; where both are set, ours count.
 *
 * @param isTerminal whether the log is read by a person as it is written
 * @throws InputError with everything that is wrong
 */
export function settingsFrom(env: Environment, isTerminal = false): AgentSettings {
  const read = new Variables(env)
  const sources = sourcesFrom(read)
  const port = portFrom(read)
  const orgId = sources.includes('kafka')
    ? read.required('Port shows it below Settings > Organization', 'PORT_ORG_ID')
    : read.text('PORT_ORG_ID')
  const notes: string[] = []
  const connections = connectionsFrom(read, env, port, notes)
  const settings: AgentSettings = {
    sources,
    port,
    orgId,
    concurrency: read.count({ min: 1, max: 10_000 }, 'PORT_DISPATCH_CONCURRENCY') ?? 50,
    perTarget: read.count({ min: 1 }, 'PORT_DISPATCH_PER_TARGET'),
    perRepository: read.count({ min: 1 }, 'PORT_DISPATCH_PER_REPOSITORY'),
    orderBy: read.text('PORT_DISPATCH_ORDER_BY'),
    grace: read.duration('PORT_DISPATCH_GRACE') ?? 25_000,
    followTimeout: read.duration('PORT_DISPATCH_FOLLOW_TIMEOUT') ?? 7 * 24 * 3_600_000,
    resend:
      read.choice({ never: ['never'], 'same-key': ['same-key'] }, 'PORT_DISPATCH_RETRY_WEBHOOK') ??
      'never',
    kafka: kafkaFrom(read, connections),
    claim: claimFrom(read),
    webhook: webhookFrom(read, port.clientSecret),
    operations: read.address({ host: '0.0.0.0', port: 9090 }, 'PORT_DISPATCH_OPERATIONS_LISTEN'),
    jqTimeout: read.duration('PORT_DISPATCH_JQ_TIMEOUT'),
    config: read.text('PORT_DISPATCH_CONFIG'),
    mapping: read.text('PORT_DISPATCH_MAPPING', 'CONTROL_THE_PAYLOAD_CONFIG_PATH'),
    githubOrg: read.text('PORT_DISPATCH_GITHUB_ORG'),
    connections,
    log: logFrom(read, isTerminal),
    notes,
  }
  read.check()
  return settings
}

function sourcesFrom(read: Variables): SourceName[] {
  const found = read.find('PORT_DISPATCH_SOURCE', 'STREAMER_NAME')
  if (!found) return ['claim']
  const names = found.value.split(/[\s,]+/).filter(Boolean)
  const sources = names.flatMap((name) => SOURCE_NAMES[name.toLowerCase()] ?? [])
  if (sources.length < names.length) {
    const expected =
      found.name === 'STREAMER_NAME' ? 'KAFKA or POLLING' : `one or more of ${SOURCES.join(', ')}`
    read.refuse(found.name, `found ${JSON.stringify(found.value)}`, expected)
  }
  return [...new Set(sources)]
}

function portFrom(read: Variables): AgentSettings['port'] {
  const advice = 'In Port: your profile picture > Credentials, those of the organization'
  const clientId = read.required(advice, 'PORT_CLIENT_ID')
  const clientSecret = read.required(advice, 'PORT_CLIENT_SECRET')
  const baseUrl = read.find('PORT_BASE_URL', 'PORT_API_BASE_URL')
  for (const problem of addressProblems(
    'port.baseUrl',
    baseUrl?.value,
    PORT_ADDRESSES,
    'encrypted',
  )) {
    const { setting: _, ...rest } = problem
    read.problems.push({ ...rest, path: baseUrl?.name ?? 'PORT_BASE_URL' })
  }
  return { clientId, clientSecret, baseUrl: baseUrl?.value }
}

function connectionsFrom(
  read: Variables,
  env: Environment,
  port: AgentSettings['port'],
  notes: string[],
): Connections {
  const timeout = read.duration('PORT_DISPATCH_REQUEST_TIMEOUT', 'WEBHOOK_INVOKER_TIMEOUT')
  const verifies = read.flag('PORT_DISPATCH_VERIFY_TLS', 'WEBHOOK_VERIFY_SSL') ?? true
  if (!verifies) {
    notes.push(
      'Certificates of webhook receivers are not checked: anybody in between can read and change what is sent.',
    )
  }
  const retry = read.text('PORT_DISPATCH_RETRY_WEBHOOK') === 'same-key' ? 'same-key' : 'never'
  try {
    const connections = connectionsFromEnvironment({
      ...env,
      PORT_BASE_URL: port.baseUrl,
      KAFKA_SECURITY_PROTOCOL: read.text(...KAFKA_NAMES['kafka.protocol']),
      KAFKA_SASL_MECHANISM: read.text(...KAFKA_NAMES['kafka.mechanism']),
      KAFKA_BROKERS: brokersFrom(read),
    })
    return {
      ...connections,
      webhook: {
        ...connections.webhook,
        retry,
        ...(timeout !== undefined && { timeout }),
        ...(!verifies && { verification: 'skip' }),
      },
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    read.problems.push(...error.problems.map((problem) => underItsName(problem, read)))
    return {}
  }
}

/** What a user wrote, where one setting has two variables. */
function underItsName(problem: Problem, read: Variables): Problem {
  const { setting, ...rest } = problem
  if (setting !== 'kafka.protocol' && setting !== 'kafka.mechanism') return problem
  return { ...rest, path: read.find(...KAFKA_NAMES[setting])?.name ?? '' }
}

/** Port's agent takes brokers from its environment only where it says that Port is on this machine. */
function brokersFrom(read: Variables): string {
  const own = read.text('KAFKA_BROKERS')
  if (own !== undefined) return own
  return read.flag('USING_LOCAL_PORT_INSTANCE')
    ? (read.text('KAFKA_CONSUMER_BOOTSTRAP_SERVERS') ?? '')
    : ''
}

function kafkaFrom(read: Variables, { kafka = {} }: Connections): KafkaSettings {
  const changeLog = read.text('KAFKA_CHANGE_LOG_TOPIC')
  return {
    connection: kafka,
    groupId: read.text('PORT_DISPATCH_GROUP_ID', 'KAFKA_CONSUMER_GROUP_ID'),
    runsTopic: read.text('PORT_DISPATCH_TOPIC', 'KAFKA_RUNS_TOPIC'),
    changeLogTopic: changeLog ?? read.flag('PORT_DISPATCH_CHANGE_LOG'),
    startFrom:
      read.choice(
        { earliest: ['earliest', 'smallest', 'beginning'], latest: ['latest', 'largest', 'end'] },
        'PORT_DISPATCH_START_FROM',
        'KAFKA_CONSUMER_AUTO_OFFSET_RESET',
      ) ?? 'earliest',
    sessionTimeoutMs: read.count(
      { min: 1_000, max: 3_600_000 },
      'PORT_DISPATCH_SESSION_TIMEOUT_MS',
      'KAFKA_CONSUMER_SESSION_TIMEOUT_MS',
    ),
    accept: read.flag('PORT_DISPATCH_ALL') ? 'all' : 'agent',
  }
}

/** Port allows 600 s. */
const MAX_VISIBILITY_MS = 600_000

function claimFrom(read: Variables): ClaimSettings {
  const installationId = read.text('PORT_DISPATCH_INSTALLATION_ID') ?? PORT_AGENT
  const visibilityTimeout = read.duration('PORT_DISPATCH_VISIBILITY_TIMEOUT') ?? 60_000
  if (visibilityTimeout > MAX_VISIBILITY_MS || visibilityTimeout < 1_000) {
    read.refuse(
      'PORT_DISPATCH_VISIBILITY_TIMEOUT',
      `found ${visibilityTimeout / 1000} s`,
      '1s to 600s',
    )
  }
  return {
    installationId,
    invocationMethod: installationId === PORT_AGENT ? 'WEBHOOK' : undefined,
    interval: read.duration('PORT_DISPATCH_CLAIM_INTERVAL', 'POLLING_INTERVAL_SECONDS') ?? 2_000,
    batch:
      read.count({ min: 1, max: 1_000 }, 'PORT_DISPATCH_CLAIM_BATCH', 'POLLING_RUNS_BATCH_SIZE') ??
      100,
    visibilityTimeout,
    nodeRuns: read.flag('PORT_DISPATCH_NODE_RUNS') === false ? 'leave' : 'claim',
  }
}

function webhookFrom(read: Variables, clientSecret: string): WebhookSettings {
  const address = read.address({ host: '0.0.0.0', port: 8080 }, 'PORT_DISPATCH_LISTEN')
  const pem = (name: string) => read.text(name)?.replaceAll('\\n', '\n')
  const cert = pem('PORT_DISPATCH_TLS_CERT')
  const key = pem('PORT_DISPATCH_TLS_KEY')
  if ((cert === undefined) !== (key === undefined)) {
    const [missing, present] =
      cert === undefined
        ? ['PORT_DISPATCH_TLS_CERT', 'PORT_DISPATCH_TLS_KEY']
        : ['PORT_DISPATCH_TLS_KEY', 'PORT_DISPATCH_TLS_CERT']
    read.refuse(missing, `is missing, but ${present} is set`)
  }
  return {
    ...address,
    tls: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    respond:
      read.choice({ taken: ['taken'], finished: ['finished'] }, 'PORT_DISPATCH_RESPOND') ?? 'taken',
    // A secret that is being replaced is accepted until it is taken out.
    secrets: [clientSecret, ...read.list('PORT_DISPATCH_OLD_CLIENT_SECRETS')].filter(Boolean),
  }
}

function logFrom(read: Variables, isTerminal: boolean): AgentSettings['log'] {
  const detailed = read.flag('PORT_DISPATCH_LOG_PAYLOADS', 'DETAILED_LOGGING') ?? false
  const level = read.choice<LogLevel>(
    {
      trace: ['trace', 'notset'],
      debug: ['debug'],
      info: ['info'],
      warn: ['warn', 'warning'],
      error: ['error', 'critical'],
    },
    'PORT_DISPATCH_LOG_LEVEL',
    'LOG_LEVEL',
  )
  const format = read.choice({ pretty: ['pretty'], json: ['json'] }, 'PORT_DISPATCH_LOG_FORMAT')
  return {
    level: level ?? 'info',
    format: format ?? (isTerminal ? 'pretty' : 'json'),
    payloads: detailed,
  }
}
