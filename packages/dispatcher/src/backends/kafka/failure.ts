import { type Phrase, phrase, setting } from '@port-dispatch/core'
import { describeFailure, errorCode } from '@port-dispatch/core/http'
import { BackendError } from '../backend-error.ts'
import { type KafkaSettings, protocolOf } from './sessions.ts'

/** What is known of a failure of the client, whose errors nest: what happened is in the innermost cause. */
export interface KafkaCause {
  /** The name of an error of the protocol: `MESSAGE_TOO_LARGE`. */
  protocol: string | undefined
  /** The code of an error of Node or of the client: `ECONNREFUSED`, `PLT_KFK_TIMEOUT`. */
  code: string | undefined
  message: string
}

/** Errors of the protocol with which a broker has refused to store a message. */
const REFUSALS = new Set([
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'MESSAGE_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'RECORD_LIST_TOO_LARGE',
  'NOT_ENOUGH_REPLICAS',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
  'INVALID_RECORD',
])
/** Errors of Node that occur before a connection can carry anything. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|CERT_.+|UNABLE_TO_.+|DEPTH_ZERO_.+|SELF_SIGNED_.+|ERR_TLS_CERT_.+)$/

export interface KafkaTarget {
  brokers: readonly string[]
  /** What is written or read. */
  topic: string
  /** Whether the connection is encrypted, and whether it has a password. */
  isSecure: boolean
  hasPassword: boolean
}

export function kafkaTarget(settings: KafkaSettings, topic: string): KafkaTarget {
  const { brokers, username } = settings
  const isSecure = protocolOf(settings).endsWith('SSL')
  return { brokers, topic, isSecure, hasPassword: username !== undefined }
}

/**
 * Explains why a message was not produced.
 *
 * @param sent whether the message may have been on its way to the broker
 * @param size bytes of the message
 */
export function kafkaError(
  error: unknown,
  target: KafkaTarget,
  sent: { size: number } | undefined,
): BackendError {
  const leaves = kafkaCauses(error)
  const isKnown = leaves.every(
    ({ protocol, code }) => (protocol && REFUSALS.has(protocol)) || NOT_CONNECTED.test(code ?? ''),
  )
  const leaf = leaves.at(-1) ?? { protocol: undefined, code: undefined, message: 'unknown error' }
  const { what, advice } = explainKafka(leaf, target, { size: sent?.size ?? 0 })
  const at = `Kafka at ${target.brokers.join(', ')}`
  return new BackendError(`Could not produce to topic ${target.topic} of ${at}: ${what}.`, {
    effect: sent && !isKnown ? 'unknown' : 'none',
    advice,
    cause: error,
  })
}

/** Whether the client says that the topic does not exist. Its error has no code for that. */
export function isUnknownTopic(error: unknown): boolean {
  return kafkaCauses(error).some(
    ({ protocol, message }) =>
      /^Unknown topic /.test(message) ||
      protocol === 'UNKNOWN_TOPIC_OR_PARTITION' ||
      protocol === 'INVALID_TOPIC_EXCEPTION',
  )
}

/**
 * Says what a cause means for people: a clause, and what to do about it.
 *
 * @param written the message that is produced. Without it the topic is read
 */
export function explainKafka(
  { protocol, code, message }: KafkaCause,
  { topic, isSecure, hasPassword }: KafkaTarget,
  written?: { size: number },
): { what: string; advice?: Phrase } {
  const credentials = phrase`Check ${setting('kafka.username')} and ${setting('kafka.password')}.`
  switch (protocol) {
    case 'SASL_AUTHENTICATION_FAILED':
      return { what: 'the broker does not accept the user name and password', advice: credentials }
    case 'UNSUPPORTED_SASL_MECHANISM':
      return {
        what: 'the broker does not offer this way to authenticate',
        advice: phrase`Check ${setting('kafka.mechanism')}.`,
      }
    case 'ILLEGAL_SASL_STATE':
      return {
        what: 'the broker does not take a user name and a password at this address',
        advice: phrase`Check ${setting('kafka.brokers')}, or leave out ${setting('kafka.username')}.`,
      }
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return {
        what: `the message of ${written?.size ?? 0} bytes is larger than the topic allows (${protocol})`,
        advice: 'Shorten the payload, or raise max.message.bytes of the topic.',
      }
    case 'TOPIC_AUTHORIZATION_FAILED':
      return {
        what: `the user has no permission to ${written ? 'write to' : 'read'} ${topic} (${protocol})`,
      }
    case undefined:
      break
    default:
      return { what: `${decapitalized(message)} (${protocol})` }
  }
  const isCertificate = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_)/.test(
    code ?? '',
  )
  if (isCertificate) {
    return {
      what: `the certificate of the broker is not trusted (${code})`,
      advice: phrase`Give the certificate of its authority as ${setting('kafka.ca')}.`,
    }
  }
  if (/requires TLS/i.test(message)) {
    return {
      what: 'the broker requires TLS at this address',
      advice: phrase`Set ${setting('kafka.protocol')} to ${hasPassword ? 'SASL_SSL' : 'SSL'}.`,
    }
  }
  if (isSecure && code === 'ECONNRESET') {
    return {
      what: 'the broker closed the connection during the TLS handshake (ECONNRESET)',
      advice: phrase`Check that ${setting('kafka.brokers')} is an address with TLS.`,
    }
  }
  if (code === 'TIMEOUT' || /TIMEOUT$/.test(code ?? ''))
    return { what: 'there was no response in time' }
  if (code !== undefined && !code.startsWith('PLT_')) {
    return { what: describeFailure(Object.assign(new Error(message), { code })) }
  }
  if (/^Connection closed/.test(message)) return { what: 'the broker closed the connection' }
  return { what: decapitalized(message) }
}

function decapitalized(message: string): string {
  const text = message.trim().replace(/\.$/, '')
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** The innermost causes, one for each attempt. */
export function kafkaCauses(error: unknown, depth = 0): KafkaCause[] {
  if (!(error instanceof Error) || depth > 10) return []
  const causes = [
    ...('errors' in error && Array.isArray(error.errors) ? error.errors : []),
    ...(error.cause === undefined ? [] : [error.cause]),
  ].flatMap((cause) => kafkaCauses(cause, depth + 1))
  if (causes.length > 0) return causes
  const { apiId } = error as { apiId?: unknown }
  return [
    {
      protocol: typeof apiId === 'string' ? apiId : undefined,
      code: errorCode(error),
      message: error.message,
    },
  ]
}
