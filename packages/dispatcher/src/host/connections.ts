import { readFileSync } from 'node:fs'
import { InputError, type Problem, phrase, type Setting, setting } from '@port-dispatch/core'
import { errorCode, type OnWait } from '@port-dispatch/core/http'
import { PortClient } from '@port-dispatch/core/port'
import {
  type Connections,
  KAFKA_MECHANISMS,
  KAFKA_PROTOCOLS,
  type KafkaConnection,
  type WebhookConnection,
} from '../backends/connections.ts'
import { isPlainHttp } from '../backends/plain-http.ts'
import type { Environment } from '../network/environment.ts'
import { createTransport } from '../network/transport.ts'

/** The variables that settings are read from where there is no other way to give them, as in the command. */
export const VARIABLES = {
  'port.clientId': 'PORT_CLIENT_ID',
  'port.clientSecret': 'PORT_CLIENT_SECRET',
  'port.baseUrl': 'PORT_BASE_URL',
  'github.token': 'GITHUB_TOKEN',
  'github.apiUrl': 'GITHUB_API_URL',
  'github.appId': 'GITHUB_APP_ID',
  'github.privateKey': 'GITHUB_APP_PRIVATE_KEY',
  'gitlab.token': 'GITLAB_TOKEN',
  'gitlab.triggerToken': 'GITLAB_TRIGGER_TOKEN',
  'gitlab.url': 'GITLAB_URL',
  'webhook.ca': 'PORT_DISPATCH_WEBHOOK_CA',
  'webhook.cert': 'PORT_DISPATCH_WEBHOOK_CERT',
  'webhook.key': 'PORT_DISPATCH_WEBHOOK_KEY',
  'kafka.brokers': 'KAFKA_BROKERS',
  'kafka.username': 'KAFKA_SASL_USERNAME',
  'kafka.password': 'KAFKA_SASL_PASSWORD',
  'kafka.mechanism': 'KAFKA_SASL_MECHANISM',
  'kafka.protocol': 'KAFKA_SECURITY_PROTOCOL',
  'kafka.ca': 'KAFKA_SSL_CA',
} as const satisfies Partial<Record<Setting, string>>

export const PORT_ADDRESSES = 'https://api.port.io or https://api.us.port.io'

export interface ConnectionOptions {
  /** Called when a request takes long. */
  onWait?: OnWait
  /** Called with a secret that only becomes known when something needs it. */
  onSecret?: (secret: string) => void
}

/** The Port client that the environment describes, or undefined if it holds no credentials at all. */
export function portClientIfConfigured(
  env: Environment,
  options?: ConnectionOptions,
): PortClient | undefined {
  return env.PORT_CLIENT_ID || env.PORT_CLIENT_SECRET ? portClient(env, options) : undefined
}

/**
 * The Port client that the environment describes.
 *
 * @throws InputError naming the settings that are missing or wrong
 */
export function portClient(env: Environment, { onWait }: ConnectionOptions = {}): PortClient {
  const { PORT_CLIENT_ID: clientId, PORT_CLIENT_SECRET: clientSecret, PORT_BASE_URL: baseUrl } = env
  const advice = 'In Port: your profile picture > Credentials'
  const missing = (setting: Setting, value: string | undefined): Problem[] =>
    value ? [] : [{ setting, found: 'is missing', missing: true, advice }]
  const problems = [
    ...missing('port.clientId', clientId),
    ...missing('port.clientSecret', clientSecret),
    ...addressProblems('port.baseUrl', baseUrl, PORT_ADDRESSES, 'encrypted'),
  ]
  if (problems.length > 0 || !clientId || !clientSecret) {
    const isMissing = problems.every(({ missing }) => missing)
    throw new InputError(`${isMissing ? 'Missing' : 'Invalid'} settings for Port:`, problems)
  }
  return new PortClient({
    clientId,
    clientSecret,
    ...(baseUrl && { baseUrl }),
    transport: createTransport(env),
    ...(onWait && { onWait }),
  })
}

/**
 * The connections that the environment describes. What is missing is found out when it is needed.
 *
 * @throws InputError naming the addresses that are wrong
 */
export function connectionsFromEnvironment(
  env: Environment,
  options: ConnectionOptions = {},
): Connections {
  const gitlabUrl = env.GITLAB_URL || env.CI_SERVER_URL
  const { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: privateKey } = env
  const problems = [
    ...pairProblems({ setting: 'github.appId', value: id }, 'github.privateKey', privateKey),
    ...pairProblems({ setting: 'github.privateKey', value: privateKey }, 'github.appId', id),
    ...pairProblems(
      { setting: 'webhook.cert', value: env.PORT_DISPATCH_WEBHOOK_CERT },
      'webhook.key',
      env.PORT_DISPATCH_WEBHOOK_KEY,
    ),
    ...pairProblems(
      { setting: 'webhook.key', value: env.PORT_DISPATCH_WEBHOOK_KEY },
      'webhook.cert',
      env.PORT_DISPATCH_WEBHOOK_CERT,
    ),
    ...addressProblems('github.apiUrl', env.GITHUB_API_URL, 'https://HOST/api/v3'),
    ...addressProblems('gitlab.url', gitlabUrl, 'https://gitlab.example.com'),
  ]
  if (problems.length > 0) throw new InputError('The environment is not valid:', problems)
  return {
    github: {
      token: env.GITHUB_TOKEN || undefined,
      app: id && privateKey ? { id, privateKey } : undefined,
      apiUrl: env.GITHUB_API_URL,
    },
    gitlab: {
      url: gitlabUrl,
      token: env.GITLAB_TOKEN || undefined,
      triggerToken: env.GITLAB_TRIGGER_TOKEN || undefined,
      // The variable from which Port's agent reads the trigger token of a project.
      triggerTokenOf: (project) => {
        const [name, ...groups] = project.split('/').reverse()
        const token = env[`${groups.reverse().join('_')}_${name}`] || undefined
        if (token !== undefined) options.onSecret?.(token)
        return token
      },
    },
    webhook: { ...webhookFrom(env), ...(options.onWait && { onWait: options.onWait }) },
    kafka: kafkaFrom(env),
    port: { client: () => portClientIfComplete(env, options) },
  }
}

/** Secrets alone sign webhooks; to call Port takes both. */
function portClientIfComplete(
  env: Environment,
  options: ConnectionOptions,
): PortClient | undefined {
  return env.PORT_CLIENT_ID && env.PORT_CLIENT_SECRET ? portClient(env, options) : undefined
}

function webhookFrom(env: Environment): WebhookConnection {
  return {
    clientSecret: env.PORT_CLIENT_SECRET || undefined,
    allowHosts: listOf(env.PORT_DISPATCH_ALLOW_HOSTS ?? ''),
    proxies: env,
    ca: pemFrom(env, 'webhook.ca'),
    cert: pemFrom(env, 'webhook.cert'),
    key: pemFrom(env, 'webhook.key'),
  }
}

function kafkaFrom(env: Environment): KafkaConnection {
  return {
    clientSecret: env.PORT_CLIENT_SECRET || undefined,
    brokers: listOf(env.KAFKA_BROKERS ?? ''),
    username: env.KAFKA_SASL_USERNAME || undefined,
    password: env.KAFKA_SASL_PASSWORD || undefined,
    mechanism: choiceFrom(env, 'kafka.mechanism', KAFKA_MECHANISMS),
    protocol: choiceFrom(env, 'kafka.protocol', KAFKA_PROTOCOLS),
    ca: pemFrom(env, 'kafka.ca'),
    topic: env.PORT_DISPATCH_TOPIC || undefined,
  }
}

function choiceFrom<const Choice extends string>(
  env: Environment,
  name: keyof typeof VARIABLES,
  choices: readonly Choice[],
): Choice | undefined {
  const value = env[VARIABLES[name]]
  if (!value) return undefined
  const choice = choices.find((known) => known === value.trim().toUpperCase())
  if (choice !== undefined) return choice
  throw new InputError('The environment is not valid:', [
    { setting: name, found: `found ${JSON.stringify(value)}`, expected: choices.join(', ') },
  ])
}

/** The entries of a list that is separated by commas or blanks. */
export function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean)
}

/**
 * A certificate or key: its PEM text, or that of the file whose path is given.
 *
 * @throws InputError if there is no such file, or it is something else
 */
function pemFrom(env: Environment, name: keyof typeof VARIABLES): string | undefined {
  const value = env[VARIABLES[name]]
  if (!value) return undefined
  const text = pemText(value, name)
  if (isPemOf(name, text)) return text
  const what = name.endsWith('.key') ? 'a private key without a passphrase' : 'a certificate'
  throw new InputError('The environment is not valid:', [
    {
      setting: name,
      found: `is not ${what}`,
      expected: 'the whole text of a PEM file, or its path',
    },
  ])
}

/** What cannot be read would fail with each connection, or be passed over, and Node's errors do not name the setting. */
function isPemOf(name: keyof typeof VARIABLES, text: string): boolean {
  // Loaded only by those who set one.
  const { createPrivateKey, X509Certificate } = process.getBuiltinModule('node:crypto')
  try {
    if (name.endsWith('.key')) createPrivateKey(text)
    else new X509Certificate(text)
    return true
  } catch {
    return false
  }
}

function pemText(value: string, name: keyof typeof VARIABLES): string {
  // CI systems keep variables on one line.
  if (value.includes('-----BEGIN')) return value.replaceAll('\\n', '\n')
  try {
    return readFileSync(value, 'utf8')
  } catch (error) {
    throw new InputError(
      'The environment is not valid:',
      [
        {
          setting: name,
          found: `cannot be read (${errorCode(error)})`,
          expected: 'a PEM text (-----BEGIN …), or the path of a file with one',
        },
      ],
      { cause: error },
    )
  }
}

/** A setting that is there while the one that belongs to it is missing. */
function pairProblems(
  { setting: present, value }: { setting: Setting; value: string | undefined },
  other: Setting,
  otherValue: string | undefined,
): Problem[] {
  if (!value || otherValue) return []
  return [{ setting: other, found: phrase`is missing, but ${setting(present)} is set` }]
}

/**
 * What is wrong with the address of a server that is sent credentials.
 *
 * @param expected an example, or several
 * @param transport `encrypted` if plain HTTP is refused, except on loopback addresses
 */
export function addressProblems(
  setting: Setting,
  value: string | undefined,
  expected: string,
  transport: 'encrypted' | 'any' = 'any',
): Problem[] {
  if (!value) return []
  const refuse = (found: string): Problem[] => [
    { setting, found: `found ${found}`, expected: `an address like ${expected}` },
  ]
  const url = URL.parse(value)
  if (!url || !/^https?:$/.test(url.protocol)) return refuse(JSON.stringify(value))
  // Never show it: the password is in it.
  if (url.username || url.password) return refuse('an address with a user name or password in it')
  if (transport === 'encrypted' && isPlainHttp(value)) {
    return refuse(`${JSON.stringify(value)}, to which the client secret would be sent unencrypted`)
  }
  return []
}
