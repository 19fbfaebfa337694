import { isJsonObject } from '../json.ts'
import { PortError } from './port-error.ts'
import { type CallOptions, isOk, type Session } from './session.ts'

export interface KafkaCredentials {
  /** `host:port` */
  brokers: string[]
  username: string
  password: string
}

/**
 * `GET /v1/kafka-credentials`
 *
 * @returns undefined if the organization has no Kafka
 */
export async function kafkaCredentials(
  session: Session,
  options?: CallOptions,
): Promise<KafkaCredentials | undefined> {
  try {
    const { credentials } = await session.call({
      method: 'GET',
      path: '/v1/kafka-credentials',
      what: 'read the Kafka credentials',
      expect: readKafka,
      ...options,
    })
    return credentials
  } catch (error) {
    if (error instanceof PortError && error.status === 404) return undefined
    throw error
  }
}

function readKafka(body: unknown): { credentials?: KafkaCredentials } | undefined {
  if (!isJsonObject(body)) return undefined
  const { credentials } = body
  if (credentials === null || (credentials === undefined && isOk(body))) return {}
  if (!isJsonObject(credentials)) return undefined
  const { brokers, username, password } = credentials
  const list = typeof brokers === 'string' ? brokers.split(',') : brokers
  if (!Array.isArray(list) || typeof username !== 'string' || typeof password !== 'string') {
    return undefined
  }
  const texts = list.filter((broker) => typeof broker === 'string').map((broker) => broker.trim())
  return texts.length > 0 ? { credentials: { brokers: texts, username, password } } : undefined
}
