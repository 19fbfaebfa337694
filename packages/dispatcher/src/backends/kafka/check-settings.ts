import { InputError, type Problem, phrase, setting } from '@port-dispatch/core'
import { KAFKA_PROTOCOLS, type KafkaConnection } from '../connections.ts'
import type { KafkaSettings } from './sessions.ts'

/**
 * Refuses settings that contradict each other, or of which half is missing, before a connection is made: a broker would
 * say less of it, or take messages from somebody who thinks to be authenticated.
 *
 * @throws InputError naming each
 */
export function checkSettings(settings: KafkaSettings): void {
  const problems = [...settings.brokers.flatMap(brokerProblems), ...credentialProblems(settings)]
  if (problems.length > 0) throw new InputError('The settings for Kafka are not valid:', problems)
}

/** @throws InputError if no topic can be called so (`[a-zA-Z0-9._-]`, at most 249) */
export function checkTopicName(topic: string): void {
  if (/^(?!\.{1,2}$)[\w.-]{1,249}$/.test(topic)) return
  throw new InputError('The action cannot be dispatched:', [
    {
      setting: 'kafka.topic',
      found: `found ${JSON.stringify(topic)}`,
      expected: 'letters, digits, ".", "_" and "-", at most 249',
    },
  ])
}

function brokerProblems(broker: string): Problem[] {
  const [, , port = '9092'] = /^(\[[\da-f:.]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/i.exec(broker) ?? [
    null,
    null,
    '',
  ]
  if (Number(port) >= 1 && Number(port) <= 65_535) return []
  // What stands before an @ can be a password.
  const found = broker.includes('@') ? 'found an address with credentials' : `found "${broker}"`
  return [
    { setting: 'kafka.brokers', found, expected: 'host:port, such as broker.example.com:9092' },
  ]
}

function credentialProblems({ username, password, protocol }: KafkaConnection): Problem[] {
  if (!username && !password) {
    if (!protocol?.startsWith('SASL')) return []
    return [
      {
        setting: 'kafka.username',
        found: phrase`is missing, but ${setting('kafka.protocol')} is ${protocol}`,
      },
    ]
  }
  const missing = (name: 'kafka.username' | 'kafka.password', present: typeof name): Problem => ({
    setting: name,
    found: phrase`is missing, but ${setting(present)} is set`,
  })
  return [
    ...(username ? [] : [missing('kafka.username', 'kafka.password')]),
    ...(password ? [] : [missing('kafka.password', 'kafka.username')]),
    ...(protocol === undefined || protocol.startsWith('SASL')
      ? []
      : [
          {
            setting: 'kafka.protocol' as const,
            found: phrase`is ${protocol}, which does not send ${setting('kafka.username')} and ${setting('kafka.password')}`,
            expected: KAFKA_PROTOCOLS.filter((known) => known.startsWith('SASL')).join(' or '),
          },
        ]),
  ]
}
