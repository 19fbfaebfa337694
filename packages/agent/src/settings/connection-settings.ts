import { InputError, type Problem } from '@port-dispatch/core'
import type { Connections } from '@port-dispatch/dispatcher'
import { connectionsFromEnvironment } from '@port-dispatch/dispatcher/host'
import type { Environment, Variables } from './variables.ts'

/** Ours, and that of Port's agent. */
const KAFKA_NAMES = {
  'kafka.protocol': ['KAFKA_SECURITY_PROTOCOL', 'KAFKA_CONSUMER_SECURITY_PROTOCOL'],
  'kafka.mechanism': ['KAFKA_SASL_MECHANISM', 'KAFKA_CONSUMER_AUTHENTICATION_MECHANISM'],
} as const

interface ConnectionParts {
  env: Environment
  /** Of webhooks, in milliseconds. */
  timeout: number
  port: { baseUrl: string | undefined }
  notes: string[]
  onSecret: ((secret: string) => void) | undefined
}

/** The connections to what is executed, by our variables and by those of Port's agent. */
export function connectionsFrom(
  read: Variables,
  { env, timeout, port, notes, onSecret }: ConnectionParts,
): Connections {
  const verifies = read.flag('PORT_DISPATCH_VERIFY_TLS', 'WEBHOOK_VERIFY_SSL') ?? true
  if (!verifies) {
    notes.push(
      'Certificates of webhook receivers and of GitLab are not checked: anybody in between can read and change what is sent.',
    )
  }
  const retry = read.text('PORT_DISPATCH_RETRY_WEBHOOK') === 'same-key' ? 'same-key' : 'never'
  try {
    const connections = connectionsFromEnvironment(
      {
        ...env,
        PORT_BASE_URL: port.baseUrl,
        KAFKA_SECURITY_PROTOCOL: read.text(...KAFKA_NAMES['kafka.protocol']),
        KAFKA_SASL_MECHANISM: mechanismFrom(read),
        KAFKA_BROKERS: brokersFrom(read),
      },
      { ...(onSecret && { onSecret }) },
    )
    return {
      ...connections,
      webhook: {
        ...connections.webhook,
        retry,
        timeout,
        ...(!verifies && { verification: 'skip' }),
      },
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    read.problems.push(...error.problems.map((problem) => underItsName(problem, read)))
    return {}
  }
}

/** `none` is the default of Port's agent. */
function mechanismFrom(read: Variables): string | undefined {
  const mechanism = read.text(...KAFKA_NAMES['kafka.mechanism'])
  return mechanism?.toLowerCase() === 'none' ? undefined : mechanism
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
