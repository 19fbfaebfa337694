import type { StreamerName } from '@port-dispatch/core/port'
import type { Connections } from '@port-dispatch/dispatcher'
import { addressProblems, PORT_ADDRESSES, VARIABLES } from '@port-dispatch/dispatcher/host'
import type { LogLevel } from '../logging.ts'
import { SOURCES, type SourceName } from '../work.ts'
import { connectionsFrom } from './connection-settings.ts'
import {
  type ClaimSettings,
  claimFrom,
  type KafkaSettings,
  kafkaFrom,
  PORT_AGENT,
  type WebhookSettings,
  webhookFrom,
} from './source-settings.ts'
import { type Environment, Variables } from './variables.ts'

/** What the agent is told by its environment. Durations are in milliseconds. */
export interface AgentSettings {
  sources: readonly SourceName[]
  /** How Port is to hand out runs for agents; undefined: as it does. */
  streamer: StreamerName | undefined
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
  /** Milliseconds after which whoever calls a receiver has its response, and has reported it. */
  callWithin: number
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

export interface SettingsOptions {
  /** Whether the log is read by a person as it is written. */
  isTerminal?: boolean
  /** Called with a secret that only becomes known when a run needs it: the trigger token of a project. */
  onSecret?: (secret: string) => void
}

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000
/** After its response. */
const REPORTED_WITHIN_MS = 10_000

const PREFIXES = ['PORT_DISPATCH_', 'KAFKA_CONSUMER_', 'POLLING_']
/** What is read elsewhere, and what of Port's agent is left alone. */
const OTHERS = [
  ...Object.values(VARIABLES),
  'PORT_DISPATCH_ALLOW_HOSTS',
  'POLLING_MAX_BACKOFF_SECONDS',
  'POLLING_INITIAL_BACKOFF_SECONDS',
  'POLLING_BACKOFF_FACTOR',
  'POLLING_BACKOFF_JITTER_FACTOR',
  'POLLING_MAX_FAILURE_DURATION_SECONDS',
]

const SOURCE_NAMES: Readonly<Record<string, SourceName>> = {
  kafka: 'kafka',
  claim: 'claim',
  polling: 'claim',
  webhook: 'webhook',
}

/**
 * Reads the settings of the agent, by our names and by those of Port's agent; where both are set, ours count.
 *
 * @throws InputError with everything that is wrong
 */
export function settingsFrom(env: Environment, options: SettingsOptions = {}): AgentSettings {
  const { isTerminal = false } = options
  const read = new Variables(env)
  const { sources, isDropIn } = sourcesFrom(read)
  const port = portFrom(read)
  const orgId = sources.includes('kafka')
    ? read.required('Port shows it below Settings > Organization', 'PORT_ORG_ID')
    : read.text('PORT_ORG_ID')
  const notes: string[] = []
  const timeout =
    read.duration('PORT_DISPATCH_REQUEST_TIMEOUT', 'WEBHOOK_INVOKER_TIMEOUT') ??
    DEFAULT_REQUEST_TIMEOUT_MS
  const { onSecret } = options
  const connections = connectionsFrom(read, { env, timeout, port, notes, onSecret })
  const claim = claimFrom(read)
  const settings: AgentSettings = {
    sources,
    streamer: streamerFrom(read, sources, claim),
    port,
    orgId,
    concurrency: read.count({ min: 1, max: 10_000 }, 'PORT_DISPATCH_CONCURRENCY') ?? 50,
    perTarget: read.count({ min: 1 }, 'PORT_DISPATCH_PER_TARGET'),
    perRepository: read.count({ min: 1 }, 'PORT_DISPATCH_PER_REPOSITORY'),
    orderBy: read.text('PORT_DISPATCH_ORDER_BY'),
    grace: read.duration('PORT_DISPATCH_GRACE') ?? 25_000,
    followTimeout: read.duration('PORT_DISPATCH_FOLLOW_TIMEOUT') ?? 7 * 24 * 3_600_000,
    callWithin: timeout + REPORTED_WITHIN_MS,
    resend:
      read.choice({ never: ['never'], 'same-key': ['same-key'] }, 'PORT_DISPATCH_RETRY_WEBHOOK') ??
      'never',
    kafka: kafkaFrom(read, connections, isDropIn),
    claim,
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
  for (const { name, meant } of read.misspelt(PREFIXES, OTHERS)) {
    notes.push(`${name} is not a setting of the agent, and is ignored. Did you mean ${meant}?`)
  }
  return settings
}

/** Port's agent takes runs from Kafka unless it is told otherwise, and cannot do so without a group. */
function sourcesFrom(read: Variables): { sources: SourceName[]; isDropIn: boolean } {
  const found = read.find('PORT_DISPATCH_SOURCE', 'STREAMER_NAME')
  if (!found) {
    const isDropIn = read.text('KAFKA_CONSUMER_GROUP_ID') !== undefined
    return { sources: [isDropIn ? 'kafka' : 'claim'], isDropIn }
  }
  const names = found.value.split(/[\s,]+/).filter(Boolean)
  const sources = names.flatMap((name) => SOURCE_NAMES[name.toLowerCase()] ?? [])
  if (sources.length < names.length || names.length === 0) {
    const expected =
      found.name === 'STREAMER_NAME' ? 'KAFKA or POLLING' : `one or more of ${SOURCES.join(', ')}`
    read.refuse(found.name, `found ${JSON.stringify(found.value)}`, expected)
  }
  return { sources: [...new Set(sources)], isDropIn: found.name === 'STREAMER_NAME' }
}

/** With both sources, or with an integration's, Port hands out runs as it did. */
function streamerFrom(
  read: Variables,
  sources: readonly SourceName[],
  { installationId }: ClaimSettings,
): StreamerName | undefined {
  const isWanted = read.flag('PORT_DISPATCH_SET_STREAMER') ?? true
  const takesTopic = sources.includes('kafka')
  const claims = sources.includes('claim')
  if (!isWanted || takesTopic === claims) return undefined
  if (takesTopic) return 'KAFKA'
  return installationId === PORT_AGENT ? 'POLLING' : undefined
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

function logFrom(read: Variables, isTerminal: boolean): AgentSettings['log'] {
  const detailed = read.flag('PORT_DISPATCH_LOG_PAYLOADS', 'DETAILED_LOGGING') ?? false
  const level = read.choice<LogLevel>(
    {
      trace: ['trace', 'notset'],
      debug: ['debug'],
      info: ['info'],
      warn: ['warn', 'warning'],
      error: ['error', 'critical', 'fatal'],
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
