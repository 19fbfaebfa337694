// What the sources of runs are told, each by its own variables.
import type { Connections, KafkaConnection } from '@port-dispatch/dispatcher'
import type { Variables } from './variables.ts'

/** As whom Port's own agent claims runs. */
export const PORT_AGENT = '_PORT_EXEC_AGENT'

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
  listen: { host: string; port: number }
  tls: { cert: string; key: string } | undefined
  respond: 'taken' | 'finished'
  orphanedAfter: number
  secrets: readonly string[]
}

/** @param isDropIn whether the environment is one of Port's agent, which always takes changes of the catalog as well */
export function kafkaFrom(
  read: Variables,
  { kafka = {} }: Connections,
  isDropIn: boolean,
): KafkaSettings {
  const takesChanges = read.flag('PORT_DISPATCH_CHANGE_LOG') ?? (isDropIn || undefined)
  const changeLog = read.text('KAFKA_CHANGE_LOG_TOPIC')
  return {
    connection: kafka,
    groupId: read.text('PORT_DISPATCH_GROUP_ID', 'KAFKA_CONSUMER_GROUP_ID'),
    runsTopic: read.text('PORT_DISPATCH_TOPIC', 'KAFKA_RUNS_TOPIC'),
    changeLogTopic: takesChanges === false ? false : (changeLog ?? takesChanges),
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

export function claimFrom(read: Variables): ClaimSettings {
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

export function webhookFrom(read: Variables, clientSecret: string): WebhookSettings {
  const listen = read.address({ host: '0.0.0.0', port: 8080 }, 'PORT_DISPATCH_LISTEN')
  const tls = tlsFrom(read)
  return {
    listen,
    tls,
    respond:
      read.choice({ taken: ['taken'], finished: ['finished'] }, 'PORT_DISPATCH_RESPOND') ?? 'taken',
    orphanedAfter: read.duration('PORT_DISPATCH_ORPHANED_AFTER') ?? 15 * 60_000,
    // A secret that is being replaced is accepted until it is taken out.
    secrets: [clientSecret, ...read.list('PORT_DISPATCH_OLD_CLIENT_SECRETS')].filter(Boolean),
  }
}

/** What does not fit would fail when the server starts, with an error of OpenSSL. */
function tlsFrom(read: Variables): WebhookSettings['tls'] {
  const [certName, keyName] = ['PORT_DISPATCH_TLS_CERT', 'PORT_DISPATCH_TLS_KEY']
  const pem = (name: string) => read.text(name)?.replaceAll('\\n', '\n')
  const cert = pem(certName)
  const key = pem(keyName)
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    const [missing, present] = cert === undefined ? [certName, keyName] : [keyName, certName]
    read.refuse(missing, `is missing, but ${present} is set`)
    return undefined
  }
  // Loaded only by those who set them.
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule('node:crypto')
  const text = 'the text of a PEM file (-----BEGIN …)'
  const certificate = read.attempt(() => new X509Certificate(cert), {
    name: certName,
    found: 'is not a certificate',
    expected: text,
  })
  const privateKey = read.attempt(() => createPrivateKey(key), {
    name: keyName,
    found: 'is not a private key without a passphrase',
    expected: text,
  })
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    read.refuse(keyName, `does not belong to the certificate of ${certName}`)
  }
  return { cert, key }
}
