// An installation of port-agent of which only the program is changed. `recorded.json` holds what port-agent (of May 2026)
// sent for these runs, and what became of them in Port; `{target}` stands for the address of the target.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { verify } from '@port-dispatch/core/port'
import { type Consumer, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Broker, brokerMissing } from '../../../support/kafka/broker.ts'
import type { Received } from '../../../support/receiver.ts'
import { runCommand } from '../../../support/run-command.ts'
import { MAPPED_RUNS, MAPPING, NODE_RUNS, PIPELINE_RUNS, PLAIN_RUNS } from './given.ts'
import { type GivenRun, Place, SECRET, topicsOf } from './place.ts'

interface Recorded {
  request: { method: string; path: string; headers: Record<string, string>; body?: string }
  /** Absent for a change of the catalog. */
  run?: Record<string, unknown>
}

const recorded = JSON.parse(
  readFileSync(new URL('recorded.json', import.meta.url), 'utf8'),
) as Record<string, Record<string, Recorded>>

/** What is not as port-agent has it, on purpose: docs/migrate-from-port-agent.md gives the reasons. */
const BETTER: Readonly<Record<string, object>> = {
  'polling-plain synchronized-refused': { summary: 'The response was 409 Conflict.' },
  'kafka-plain synchronized-refused': { summary: 'The response was 409 Conflict.' },
  'polling-plain refused': { summary: 'The response was 500 Internal Server Error.' },
  'kafka-plain refused': { summary: 'The response was 500 Internal Server Error.' },
  'polling-mapped reported-failure': { summary: 'POST gave 422: {"message":"no such service"}' },
  'kafka-mapped reported-failure': { status: 'FAILURE' },
  ...Object.fromEntries(
    ['pipeline', 'pipeline-of-ref', 'pipeline-without-inputs'].map((name) => [
      `kafka-plain ${name}`,
      { externalRunId: 'gl_3_7' },
    ]),
  ),
}

/** The target of these tests is on this machine, which an agent does not call unless it is allowed to. */
const ON_THIS_MACHINE = {
  PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1',
  PORT_DISPATCH_OPERATIONS_LISTEN: '127.0.0.1:0',
}

const kafka = { broker: undefined as Broker | undefined }
const isMissing = brokerMissing() !== undefined

beforeAll(async () => {
  if (isMissing) return
  kafka.broker = await Broker.start()
  for (const { runs, changes } of [
    'kafka-plain',
    'kafka-mapped',
    'kafka-nodes',
    'kafka-shared',
  ].map(topicsOf)) {
    await kafka.broker.createTopic(runs, {}, 1)
    await kafka.broker.createTopic(changes, {}, 1)
  }
})

afterAll(async () => await kafka.broker?.[Symbol.asyncDispose]())

describe.concurrent('an installation of port-agent gets the same requests for its runs, and the same reports', () => {
  it.for<[string, readonly GivenRun[], string[], 'a mapping file'?]>([
    ['polling-plain', PLAIN_RUNS, []],
    ['polling-mapped', MAPPED_RUNS, [], 'a mapping file'],
    ['polling-nodes', NODE_RUNS, []],
    ['kafka-plain', [...PLAIN_RUNS, ...PIPELINE_RUNS], ['changed']],
    ['kafka-mapped', MAPPED_RUNS, ['changed'], 'a mapping file'],
    ['kafka-nodes', NODE_RUNS, []],
  ])('%s', async ([label, runs, changes, mapping], { skip }) => {
    const broker = label.startsWith('kafka') ? (kafka.broker ?? skip()) : undefined
    await using place = await Place.create(label, runs, changes, broker)
    const environment = {
      ...place.environment,
      TARGET_TOKEN: 'token-of-the-target',
      ...(mapping && { CONTROL_THE_PAYLOAD_CONFIG_PATH: mappingFile() }),
    }
    const { code, stderr } = await agentUntil(() => isDone(place, runs, changes), environment)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })

    const expected = recorded[label] ?? {}
    const names = [...runs.map(({ name }) => name), ...changes]
    expect(names).toEqual(Object.keys(expected))
    for (const name of names) {
      const given = runs.find((run) => run.name === name)
      const [request, more] = place.requestsOf(name)
      expect(more, name).toBeUndefined()
      expect(shown(request, place, expected[name]), name).toEqual(parsed(expected[name]))
      const { run } = expected[name] ?? {}
      if (given && run)
        expect(place.run(given), name).toMatchObject({ ...run, ...BETTER[`${label} ${name}`] })
    }
    const webhooks = place.target.received.filter(({ path }) => !path.startsWith('/api/v4/'))
    for (const { headers, body } of webhooks) {
      const text = body.toString()
      expect(verify({ secrets: [SECRET], headers, body: text })).toMatchObject({
        valid: true,
        form: 'raw',
      })
      // What receivers that verify the parsed body, as Port's documentation shows it, make of it.
      expect(text === '' ? '' : JSON.stringify(JSON.parse(text))).toBe(text)
    }
    const portAgentStreamerName = broker ? 'KAFKA' : 'POLLING'
    expect(settingsIn(place)).toEqual([{ settings: { portAgentStreamerName } }])
  })

  it('once the old program has left the consumer group', async ({ skip }) => {
    const broker = kafka.broker ?? skip()
    const [run] = PLAIN_RUNS
    if (!run) throw new Error('There are no runs.')
    await using place = await Place.create('kafka-shared', [run], [], broker)
    const groupId = place.environment.KAFKA_CONSUMER_GROUP_ID ?? ''
    const old = await memberOf(groupId, broker)
    let leaving: Promise<void> | undefined
    const { code, stdout } = await agentUntil(() => isDone(place, [run], []), place.environment, {
      onLine: (line) => {
        if (line.includes('such as port-agent')) leaving ??= old.disconnect()
      },
    })
    await leaving
    expect(code).toBe(0)
    expect(stdout.match(/divide its partitions in another way/g)).toHaveLength(1)
    expect(place.requestsOf(run.name)).toHaveLength(1)
  })

  it('also where its mapping file lies in the working directory, as its chart mounts it', async () => {
    const [run] = MAPPED_RUNS
    if (!run) throw new Error('There are no runs.')
    await using place = await Place.create('here', [run], [], undefined)
    const environment = { ...place.environment, TARGET_TOKEN: 'token-of-the-target' }
    await agentUntil(() => isDone(place, [run], []), environment, { cwd: dirname(mappingFile()) })
    expect(place.target.only.method).toBe('PATCH')
  })
})

function mappingFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'drop-in-')), 'control_the_payload_config.json')
  writeFileSync(path, JSON.stringify(MAPPING))
  return path
}

/** A member of a consumer group that divides partitions as port-agent's client does. */
async function memberOf(groupId: string, broker: Broker): Promise<Consumer> {
  const client = new Kafka({ brokers: [broker.plain], logLevel: logLevel.NOTHING })
  const consumer = client.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic: topicsOf('kafka-shared').changes })
  const joined = new Promise((done) => consumer.on(consumer.events.GROUP_JOIN, done))
  await consumer.run({ eachMessage: async () => {} })
  await joined
  return consumer
}

async function agentUntil(
  condition: () => boolean,
  env: Record<string, string>,
  { cwd, onLine }: { cwd?: string; onLine?: (line: string) => void } = {},
) {
  return await runCommand(['agent'], {
    env: { ...env, ...ON_THIS_MACHINE },
    ...(cwd !== undefined && { cwd }),
    onSpawn: (child) => {
      child.stdout?.on('data', (bytes) => onLine?.(String(bytes)))
      const timer = setInterval(() => {
        if (!condition()) return
        clearInterval(timer)
        child.kill('SIGTERM')
      }, 50)
      const limit = setTimeout(() => child.kill('SIGKILL'), 100_000)
      child.once('exit', () => {
        clearInterval(timer)
        clearTimeout(limit)
      })
    },
  })
}

/** Every run has come to an end, or to where its receiver or GitLab has it; and Port has been told how runs are taken. */
function isDone(place: Place, runs: readonly GivenRun[], changes: readonly string[]): boolean {
  const isSettled = (given: GivenRun) => {
    const run = place.run(given)
    // Node runs of workflows have no label.
    const label = run && 'statusLabel' in run ? run.statusLabel : run?.logs.at(-1)?.message
    return (
      run?.status !== 'IN_PROGRESS' ||
      /Sent to the receiver|^Running$|receiver reports how the run ends/.test(label ?? '')
    )
  }
  return (
    runs.every(isSettled) &&
    changes.every((name) => place.requestsOf(name).length > 0) &&
    settingsIn(place).length > 0
  )
}

function settingsIn({ sandbox }: Place): unknown[] {
  return sandbox.exchanges
    .filter(({ path }) => path === '/v1/organization')
    .map(({ requestBody }) => requestBody)
}

/** Method, address, body, and the headers that both have or that the other has. */
function shown(request: Received | undefined, { target }: Place, expected: Recorded | undefined) {
  if (!request) return undefined
  const { method, path, headers, body } = request
  const names = new Set([
    ...Object.keys(expected?.request.headers ?? {}),
    'x-of-the-action',
    'x-absent',
  ])
  const text = body.toString().replaceAll(target.url, '{target}')
  return {
    method,
    ...addressOf(path),
    headers: Object.fromEntries(
      [...names].flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
    ),
    body: text === '' ? undefined : JSON.parse(text),
  }
}

function parsed(expected: Recorded | undefined) {
  if (!expected) return undefined
  const { path, body, ...rest } = expected.request
  return { ...rest, ...addressOf(path), body: body === undefined ? undefined : JSON.parse(body) }
}

/** Both write the same query with other escapes. */
function addressOf(path: string) {
  const url = new URL(path, 'http://target')
  return { path: url.pathname, query: [...url.searchParams] }
}
