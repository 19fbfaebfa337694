import { InputError, type PortDispatchError, phrase, setting } from '@port-dispatch/core'
import { PortError } from '@port-dispatch/core/port'
import { BackendError } from '@port-dispatch/dispatcher'
import {
  explainKafka,
  isUnknownTopic,
  type KafkaCause,
  type KafkaTarget,
  kafkaCauses,
} from '@port-dispatch/dispatcher/kafka'

export interface Failure {
  error: PortDispatchError
  /** Whether somebody has to change a setting first. */
  isFinal: boolean
}

/** What a broker does not take back. */
const FINAL = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
])
const CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_)/

/** Says why messages cannot be taken from Kafka. */
export function explainConsumer(error: unknown, target: KafkaTarget, groupId: string): Failure {
  if (error instanceof InputError) return { error, isFinal: true }
  if (error instanceof PortError) return { error, isFinal: error.isRefusal }
  const at = `Kafka at ${target.brokers.join(', ')}`
  if (isUnknownTopic(error)) {
    const found = `one of the topics ${target.topic} does not exist at ${target.brokers.join(', ')}`
    return { error: topicMissing(found, error), isFinal: true }
  }
  const cause = kafkaCauses(error).at(-1) ?? {
    protocol: undefined,
    code: undefined,
    message: 'unknown error',
  }
  const { what, advice } = explainGroup(cause, groupId) ?? explainKafka(cause, target)
  return {
    error: new BackendError(`Could not take runs from ${at}: ${what}.`, { advice, cause: error }),
    isFinal: isFinal(cause),
  }
}

function isFinal({ protocol, code, message }: KafkaCause): boolean {
  return (
    (protocol !== undefined && FINAL.has(protocol)) ||
    CERTIFICATE.test(code ?? '') ||
    /requires TLS/i.test(message)
  )
}

function topicMissing(found: string, cause: unknown): InputError {
  return new InputError(
    'Runs cannot be taken from Kafka:',
    [{ setting: 'kafka.topic', found, advice: 'Create it, or name another one' }],
    { cause },
  )
}

function explainGroup({ protocol }: KafkaCause, groupId: string) {
  switch (protocol) {
    case 'GROUP_AUTHORIZATION_FAILED':
    case 'INVALID_GROUP_ID':
      return {
        what: `the user has no permission to use the consumer group ${groupId} (${protocol})`,
        advice: phrase`Port allows groups that begin with the organization ID and a dot, and the group that is named like ${setting('kafka.username')}.`,
      }
    case 'INCONSISTENT_GROUP_PROTOCOL':
      return {
        what: `the consumer group ${groupId} has members that divide its partitions in another way (${protocol})`,
        advice:
          'Stop other programs that use this group, such as port-agent, or use another group. A program that was killed leaves the group when its session times out.',
      }
    case 'INVALID_SESSION_TIMEOUT':
      return {
        what: `the broker does not allow this session timeout (${protocol})`,
        advice: 'Use one from 6 to 300 seconds.',
      }
    default:
      return undefined
  }
}
