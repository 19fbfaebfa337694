import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/support/certificate.ts'
import { type AgentSettings, settingsFrom } from '../src/settings/settings.ts'

const BASE = { PORT_CLIENT_ID: 'id', PORT_CLIENT_SECRET: 'secret', PORT_ORG_ID: 'org_1' }

const migrationPage = readFileSync(
  new URL('../../../docs/migrate-from-port-agent.md', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .join('\n')

/** Each variable of Port's agent, with a value, and what becomes of it. */
const PORT_AGENT: [
  string,
  Record<string, string>,
  (settings: AgentSettings) => unknown,
  unknown,
][] = [
  ['PORT_ORG_ID', { PORT_ORG_ID: 'org_2' }, ({ orgId }) => orgId, 'org_2'],
  ['PORT_CLIENT_ID', { PORT_CLIENT_ID: 'other' }, ({ port }) => port.clientId, 'other'],
  ['PORT_CLIENT_SECRET', { PORT_CLIENT_SECRET: 's2' }, ({ port }) => port.clientSecret, 's2'],
  [
    'PORT_API_BASE_URL',
    { PORT_API_BASE_URL: 'https://api.us.port.io' },
    ({ port }) => port.baseUrl,
    'https://api.us.port.io',
  ],
  ['STREAMER_NAME=KAFKA', { STREAMER_NAME: 'KAFKA' }, ({ sources }) => sources, ['kafka']],
  ['STREAMER_NAME=POLLING', { STREAMER_NAME: 'POLLING' }, ({ sources }) => sources, ['claim']],
  [
    'KAFKA_CONSUMER_GROUP_ID',
    { KAFKA_CONSUMER_GROUP_ID: 'org_1.a' },
    ({ kafka }) => kafka.groupId,
    'org_1.a',
  ],
  ['KAFKA_RUNS_TOPIC', { KAFKA_RUNS_TOPIC: 't' }, ({ kafka }) => kafka.runsTopic, 't'],
  [
    'KAFKA_CHANGE_LOG_TOPIC',
    { KAFKA_CHANGE_LOG_TOPIC: 'c' },
    ({ kafka }) => kafka.changeLogTopic,
    'c',
  ],
  [
    'KAFKA_CONSUMER_SECURITY_PROTOCOL',
    { KAFKA_CONSUMER_SECURITY_PROTOCOL: 'PLAINTEXT' },
    ({ kafka }) => kafka.connection.protocol,
    'PLAINTEXT',
  ],
  [
    'KAFKA_CONSUMER_AUTHENTICATION_MECHANISM',
    { KAFKA_CONSUMER_AUTHENTICATION_MECHANISM: 'SCRAM-SHA-256' },
    ({ kafka }) => kafka.connection.mechanism,
    'SCRAM-SHA-256',
  ],
  [
    'KAFKA_CONSUMER_AUTO_OFFSET_RESET',
    { KAFKA_CONSUMER_AUTO_OFFSET_RESET: 'largest' },
    ({ kafka }) => kafka.startFrom,
    'latest',
  ],
  [
    'KAFKA_CONSUMER_SESSION_TIMEOUT_MS',
    { KAFKA_CONSUMER_SESSION_TIMEOUT_MS: '45000' },
    ({ kafka }) => kafka.sessionTimeoutMs,
    45_000,
  ],
  [
    'KAFKA_CONSUMER_BOOTSTRAP_SERVERS, with Port on this machine',
    { USING_LOCAL_PORT_INSTANCE: 'true', KAFKA_CONSUMER_BOOTSTRAP_SERVERS: 'localhost:9092' },
    ({ kafka }) => kafka.connection.brokers,
    ['localhost:9092'],
  ],
  [
    'KAFKA_CONSUMER_BOOTSTRAP_SERVERS, without',
    { KAFKA_CONSUMER_BOOTSTRAP_SERVERS: 'localhost:9092' },
    ({ kafka }) => kafka.connection.brokers,
    [],
  ],
  [
    'POLLING_INTERVAL_SECONDS',
    { POLLING_INTERVAL_SECONDS: '15' },
    ({ claim }) => claim.interval,
    15_000,
  ],
  ['POLLING_RUNS_BATCH_SIZE', { POLLING_RUNS_BATCH_SIZE: '7' }, ({ claim }) => claim.batch, 7],
  [
    'CONTROL_THE_PAYLOAD_CONFIG_PATH',
    { CONTROL_THE_PAYLOAD_CONFIG_PATH: '/m.json' },
    ({ mapping }) => mapping,
    '/m.json',
  ],
  [
    'WEBHOOK_INVOKER_TIMEOUT',
    { WEBHOOK_INVOKER_TIMEOUT: '12' },
    ({ connections }) => connections.webhook?.timeout,
    12_000,
  ],
  [
    'WEBHOOK_VERIFY_SSL',
    { WEBHOOK_VERIFY_SSL: 'false' },
    ({ connections, notes }) => [connections.webhook?.verification, notes.length],
    ['skip', 1],
  ],
  [
    'GITLAB_URL',
    { GITLAB_URL: 'https://gitlab.example.com' },
    ({ connections }) => connections.gitlab?.url,
    'https://gitlab.example.com',
  ],
  [
    '<group>_<project>',
    { group_sub_project: 'token' },
    ({ connections }) => connections.gitlab?.triggerTokenOf?.('group/sub/project'),
    'token',
  ],
  ['DETAILED_LOGGING', { DETAILED_LOGGING: 'true' }, ({ log }) => log.payloads, true],
  ['LOG_LEVEL', { LOG_LEVEL: 'WARNING' }, ({ log }) => log.level, 'warn'],
  [
    'KAFKA_CONSUMER_GROUP_ID without a streamer',
    { KAFKA_CONSUMER_GROUP_ID: 'org_1.a' },
    ({ sources }) => sources,
    ['kafka'],
  ],
  [
    'STREAMER_NAME=KAFKA: changes of the catalog as well',
    { STREAMER_NAME: 'KAFKA' },
    ({ kafka }) => kafka.changeLogTopic,
    true,
  ],
  [
    'STREAMER_NAME=KAFKA without changes of the catalog',
    {
      STREAMER_NAME: 'KAFKA',
      KAFKA_CHANGE_LOG_TOPIC: 'c',
      PORT_DISPATCH_CHANGE_LOG: 'false',
    },
    ({ kafka }) => kafka.changeLogTopic,
    false,
  ],
  [
    'KAFKA_CONSUMER_SECURITY_PROTOCOL and KAFKA_CONSUMER_AUTHENTICATION_MECHANISM, as its defaults are',
    {
      KAFKA_CONSUMER_SECURITY_PROTOCOL: 'plaintext',
      KAFKA_CONSUMER_AUTHENTICATION_MECHANISM: 'none',
    },
    ({ kafka: { connection } }) => [connection.protocol, connection.mechanism],
    ['PLAINTEXT', undefined],
  ],
  [
    'WEBHOOK_INVOKER_TIMEOUT, with a fraction',
    { WEBHOOK_INVOKER_TIMEOUT: '7.5' },
    ({ connections }) => connections.webhook?.timeout,
    7_500,
  ],
  [
    'WEBHOOK_VERIFY_SSL, in another word for no',
    { WEBHOOK_VERIFY_SSL: 'f' },
    ({ connections }) => connections.webhook?.verification,
    'skip',
  ],
  [
    'LOG_LEVEL, in another word for errors',
    { LOG_LEVEL: 'FATAL' },
    ({ log }) => log.level,
    'error',
  ],
]

describe("the variables of Port's agent", () => {
  it.each(PORT_AGENT)('%s', (_, env, read, expected) => {
    expect(read(settingsFrom({ ...BASE, ...env }))).toEqual(expected)
  })

  it.each([
    'POLLING_MAX_BACKOFF_SECONDS',
    'POLLING_INITIAL_BACKOFF_SECONDS',
    'POLLING_BACKOFF_FACTOR',
    'POLLING_BACKOFF_JITTER_FACTOR',
    'POLLING_MAX_FAILURE_DURATION_SECONDS',
  ])('%s is ignored', (name) => {
    expect(settingsFrom({ ...BASE, [name]: '7' })).toEqual({
      ...settingsFrom(BASE),
      connections: expect.anything(),
    })
    expect(migrationPage).toContain(`\`${name}\``)
  })

  it.each(PORT_AGENT.flatMap(([, env]) => Object.keys(env)).filter((name) => /^[A-Z]/.test(name)))(
    '%s has its row in the table of those who migrate',
    (name) => {
      if (!name.startsWith('PORT_DISPATCH_')) expect(migrationPage).toContain(`\`${name}\``)
    },
  )

  it('yield to ours', () => {
    const { claim, sources } = settingsFrom({
      ...BASE,
      POLLING_INTERVAL_SECONDS: '15',
      PORT_DISPATCH_CLAIM_INTERVAL: '3s',
      STREAMER_NAME: 'KAFKA',
      PORT_DISPATCH_SOURCE: 'claim, webhook',
    })
    expect(claim.interval).toBe(3_000)
    expect(sources).toEqual(['claim', 'webhook'])
  })
})

it('are all described', () => {
  const sources = [
    'settings/settings.ts',
    'settings/connection-settings.ts',
    'settings/source-settings.ts',
    'setting-names.ts',
  ].map((name) => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8'))
  const ours = new Set(sources.join().match(/PORT_DISPATCH_\w+/g))
  const page = readFileSync(new URL('../../../docs/agent.md', import.meta.url), 'utf8')
  expect(ours.size).toBeGreaterThan(20)
  expect([...ours].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

describe('how Port is to hand out runs for agents', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['by claim where runs are claimed', {}, 'POLLING'],
    ['by Kafka where they are taken from Kafka', { PORT_DISPATCH_SOURCE: 'kafka' }, 'KAFKA'],
    ['beside webhooks', { PORT_DISPATCH_SOURCE: 'kafka,webhook' }, 'KAFKA'],
    ['not with both', { PORT_DISPATCH_SOURCE: 'kafka,claim' }, undefined],
    ['not for webhooks alone', { PORT_DISPATCH_SOURCE: 'webhook' }, undefined],
    ['not as an integration', { PORT_DISPATCH_INSTALLATION_ID: 'my-github' }, undefined],
    ['not where it is to stay', { PORT_DISPATCH_SET_STREAMER: 'false' }, undefined],
  ])('is set %s', (_, env, expected) => {
    expect(settingsFrom({ ...BASE, ...env }).streamer).toBe(expected)
  })
})

describe('settings', () => {
  it('have defaults, and take runs by claim', () => {
    const settings = settingsFrom(BASE)
    expect(settings).toMatchObject({
      sources: ['claim'],
      concurrency: 50,
      grace: 25_000,
      claim: { installationId: '_PORT_EXEC_AGENT', invocationMethod: 'WEBHOOK' },
      webhook: {
        listen: { host: '0.0.0.0', port: 8080 },
        respond: 'taken',
        orphanedAfter: 900_000,
      },
      operations: { port: 9090 },
      log: { level: 'info', format: 'json', payloads: false },
      notes: [],
    })
  })

  it('of an integration claim all of its actions', () => {
    const { claim } = settingsFrom({ ...BASE, PORT_DISPATCH_INSTALLATION_ID: 'my-github' })
    expect(claim).toMatchObject({ installationId: 'my-github', invocationMethod: undefined })
  })

  it('that are wrong are one message with all of them, by their variables', () => {
    const wrong = () =>
      settingsFrom({
        STREAMER_NAME: 'kafka',
        PORT_API_BASE_URL: 'http://api.port.io',
        PORT_DISPATCH_CONCURRENCY: '0',
        POLLING_RUNS_BATCH_SIZE: '1.5',
        PORT_DISPATCH_GRACE: 'soon',
        PORT_DISPATCH_LISTEN: 'everywhere',
        PORT_DISPATCH_TLS_CERT: 'pem',
        PORT_DISPATCH_VISIBILITY_TIMEOUT: '20m',
        WEBHOOK_VERIFY_SSL: 'maybe',
        KAFKA_CONSUMER_SECURITY_PROTOCOL: 'TLS',
      })
    expect(wrong).toThrow(
      expect.objectContaining({
        problems: expect.arrayContaining(
          [
            'PORT_CLIENT_ID',
            'PORT_CLIENT_SECRET',
            'PORT_ORG_ID',
            'PORT_API_BASE_URL',
            'PORT_DISPATCH_CONCURRENCY',
            'POLLING_RUNS_BATCH_SIZE',
            'PORT_DISPATCH_GRACE',
            'PORT_DISPATCH_LISTEN',
            'PORT_DISPATCH_TLS_KEY',
            'PORT_DISPATCH_VISIBILITY_TIMEOUT',
            'WEBHOOK_VERIFY_SSL',
          ].map((path) => expect.objectContaining({ path })),
        ),
      }),
    )
    expect(wrong).toThrow(/KAFKA_CONSUMER_SECURITY_PROTOCOL/)
  })

  it.each(['', ',', ' , '])('name at least one source: %j', (PORT_DISPATCH_SOURCE) => {
    const settings = () => settingsFrom({ ...BASE, PORT_DISPATCH_SOURCE })
    if (PORT_DISPATCH_SOURCE === '') expect(settings().sources).toEqual(['claim'])
    else expect(settings).toThrow(/PORT_DISPATCH_SOURCE: found ".*"; expected one or more of/)
  })

  it.each(['http://0.0.0.0:9090', '0.0.0.0 :9090', 'localhost'])(
    'refuse %s, which is not an address to listen at',
    (PORT_DISPATCH_LISTEN) => {
      expect(() => settingsFrom({ ...BASE, PORT_DISPATCH_LISTEN })).toThrow(
        /PORT_DISPATCH_LISTEN: found .*; expected an address such as/,
      )
    },
  )

  describe('that serve HTTPS', () => {
    const { cert, key } = selfSigned()
    const other = selfSigned()
    it.each([
      ['a certificate that is none', 'x', key, /PORT_DISPATCH_TLS_CERT: is not a certificate/],
      ['a key that is none', cert, 'x', /PORT_DISPATCH_TLS_KEY: is not a private key/],
      [
        'the key of another certificate',
        cert,
        other.key,
        /PORT_DISPATCH_TLS_KEY: does not belong to the certificate of PORT_DISPATCH_TLS_CERT/,
      ],
    ])('refuse %s', (_, PORT_DISPATCH_TLS_CERT, PORT_DISPATCH_TLS_KEY, message) => {
      const env = { ...BASE, PORT_DISPATCH_TLS_CERT, PORT_DISPATCH_TLS_KEY }
      expect(() => settingsFrom(env)).toThrow(message)
    })

    it('take PEM texts, in one line as well', () => {
      const env = { PORT_DISPATCH_TLS_CERT: cert, PORT_DISPATCH_TLS_KEY: key }
      const inOneLine = Object.fromEntries(
        Object.entries(env).map(([name, text]) => [name, text.replaceAll('\n', '\\n')]),
      )
      for (const one of [env, inOneLine]) {
        expect(settingsFrom({ ...BASE, ...one }).webhook.tls?.key).toContain('PRIVATE KEY-----\n')
      }
    })
  })

  it.each([
    ['PORT_DISPATCH_CONCURENCY', 'PORT_DISPATCH_CONCURRENCY'],
    ['PORT_DISPATCH_RESPONDS', 'PORT_DISPATCH_RESPOND'],
    ['PORT_DISPATCH_ALLOW_HOST', 'PORT_DISPATCH_ALLOW_HOSTS'],
    ['KAFKA_CONSUMER_GROUPID', 'KAFKA_CONSUMER_GROUP_ID'],
    ['POLLING_INTERVAL_SECOND', 'POLLING_INTERVAL_SECONDS'],
  ])('that are misspelt are named: %s', (name, meant) => {
    const { notes } = settingsFrom({ ...BASE, [name]: '5' })
    expect(notes).toEqual([
      `${name} is not a setting of the agent, and is ignored. Did you mean ${meant}?`,
    ])
  })

  it.each([
    'PORT_DISPATCH_SERVICE_HOST',
    'PORT_DISPATCH_SERVICE_PORT',
    'PORT_DISPATCH_PORT',
    'PORT_DISPATCH_PORT_9090_TCP_ADDR',
    'PORT_DISPATCH_AGENT_SERVICE_HOST',
    'PORT_DISPATCH_AGENT_PORT_8080_TCP_PROTO',
    'POLLING_MAX_BACKOFF_SECONDS',
    'PORT_DISPATCH_DEBUG',
  ])('of others are left alone: %s', (name) => {
    expect(settingsFrom({ ...BASE, [name]: 'tcp://10.0.0.1:9090' }).notes).toEqual([])
  })
})
