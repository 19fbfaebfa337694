import { randomUUID } from 'node:crypto'
import type { Logger } from '@port-dispatch/core'
import { PortClient, signMessage } from '@port-dispatch/core/port'
import { defaultDefinition, startSandbox } from '@port-dispatch/sandbox'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Broker, brokerMissing, PASSWORD, USER } from '../../../../test/support/kafka/broker.ts'
import { KafkaSource, type KafkaSourceOptions } from '../../src/sources/kafka/kafka-source.ts'
import { type Execution, FakeIntake, untilLost } from './fake-intake.ts'

const SECRET = 'secret'
const SESSION_MS = 3_000
const missing = brokerMissing()

function message(runId: string, agent = true): string {
  const invocationMethod = { type: 'WEBHOOK', url: 'https://example.com', agent }
  const run = {
    action: 'deploy',
    resourceType: 'run',
    context: { runId },
    payload: { properties: {}, action: { invocationMethod } },
    headers: {},
  }
  return JSON.stringify(signMessage({ secret: SECRET, timestamp: 1, message: run }))
}

/** Waits for what another process does. */
async function until(condition: () => boolean | Promise<boolean>, timeout = 60_000): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error(`Still not: ${condition}`)
    },
    { timeout, interval: 20 },
  )
}

describe.skipIf(missing)('runs from Kafka', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await Broker.start('plain-and-sasl')
  }, 200_000)

  afterAll(async () => {
    await broker?.[Symbol.asyncDispose]()
  })

  /** A topic of its own for each test, so that they do not meet. */
  async function organization(partitions = 1) {
    const orgId = `org_${randomUUID().slice(0, 8)}`
    const topic = `${orgId}.runs`
    await broker.createTopic(topic, {}, partitions)
    return {
      orgId,
      topic,
      committed: () => broker.committed(`${orgId}.port-dispatch`, topic),
      produce: (...values: (string | null)[]) =>
        broker.produce(
          topic,
          values.map((value, index) => ({ value, partition: index % partitions })),
        ),
    }
  }

  function start(orgId: string, intake: FakeIntake, options: Partial<KafkaSourceOptions> = {}) {
    const lines: string[] = []
    const log = (line: string) => void lines.push(line)
    const logger: Logger = { info: log, notice: log, warning: log }
    const source = new KafkaSource({
      connection: { brokers: [broker.plain] },
      orgId,
      secrets: [SECRET],
      sessionTimeoutMs: SESSION_MS,
      logger,
      ...options,
    })
    const stopping = new AbortController()
    const running = source.run(intake, stopping.signal)
    running.catch(() => {})
    const stop = async () => {
      stopping.abort()
      for (const { settle } of intake.executions) settle({ type: 'handed-over' })
      await running
    }
    // How it ends is what some tests look at.
    onTestFinished(() => stop().catch(() => {}))
    return { source, lines, running, stop, ready: () => until(() => source.state.ready) }
  }

  it('are taken and committed once they are done', async () => {
    const { orgId, produce, committed } = await organization()
    await produce(message('r_1'), message('r_2', false), message('r_3'))
    const intake = new FakeIntake()
    start(orgId, intake)

    await until(() => intake.ids.length === 2)
    expect(intake.ids).toEqual(['r_1', 'r_3'])
    intake.executions[1]?.settle()
    await until(async () => (await committed())[0] === 0)
    intake.executions[0]?.settle()
    await until(async () => (await committed())[0] === 3)
  })

  it('may have been begun if they were there before the partition was ours, and not if they came later', async () => {
    const { orgId, produce } = await organization()
    await produce(message('r_1'))
    const intake = new FakeIntake()
    start(orgId, intake)
    await until(() => intake.ids.length === 1)
    await produce(message('r_2'))
    await until(() => intake.ids.length === 2)
    expect(intake.executions.map(({ work }) => work.mayHaveBegun)).toEqual(['maybe', 'no'])
  })

  it('that were handed over go to the next member, and those after them again', async () => {
    const { orgId, produce, committed } = await organization()
    await produce(message('r_1'), message('r_2'), message('r_3'))
    const first = new FakeIntake()
    const { stop } = start(orgId, first)
    await until(() => first.ids.length === 3)
    first.executions[0]?.settle()
    first.executions[2]?.settle()
    await stop()
    expect(await committed()).toEqual([1])

    const second = new FakeIntake()
    start(orgId, second)
    await until(() => second.ids.length === 2)
    expect(second.executions.map(({ work }) => [work.runId, work.mayHaveBegun])).toEqual([
      ['r_2', 'maybe'],
      ['r_3', 'maybe'],
    ])
  })

  it('are committed if they end while the source stops', async () => {
    const { orgId, produce, committed } = await organization()
    await produce(message('r_1'))
    const intake = new FakeIntake()
    const { stop } = start(orgId, intake)
    await until(() => intake.ids.length === 1)
    const stopped = stop()
    intake.executions[0]?.settle()
    await stopped
    expect(await committed()).toEqual([0])
  })

  it('that nobody can read are refused and committed', async () => {
    const { orgId, produce, committed } = await organization()
    await produce('{"not', null, '{}', message('r_1').replace('deploy', 'other'), message('r_2'))
    const intake = new FakeIntake(({ settle }) => settle())
    start(orgId, intake)
    await until(async () => (await committed())[0] === 5)
    expect(intake.ids).toEqual(['r_2'])
    expect(intake.refusals.map(({ reason }) => reason)).toEqual([
      'not-json',
      'not-json',
      'bad-signature',
      'bad-signature',
    ])
  })

  it('come by SASL_SSL with the credentials that Port gives, in the group of the user', async () => {
    const { orgId, topic, produce } = await organization()
    await produce(message('r_1'))
    const kafka = { brokers: [broker.secure], username: USER, password: PASSWORD }
    const sandbox = await startSandbox({
      definition: { port: { ...defaultDefinition.port, kafka } },
    })
    onTestFinished(() => sandbox.close())
    const { PORT_CLIENT_ID = '', PORT_CLIENT_SECRET = '', PORT_BASE_URL = '' } = sandbox.environment
    const port = new PortClient({
      clientId: PORT_CLIENT_ID,
      clientSecret: PORT_CLIENT_SECRET,
      baseUrl: PORT_BASE_URL,
    })
    const intake = new FakeIntake(({ settle }) => settle())
    start(orgId, intake, { connection: { ca: broker.ca }, port })
    await until(() => intake.ids.length === 1)
    await until(async () => (await broker.committed(USER, topic))[0] === 1)
  })

  it('wait in the topic while the worker has no room', async () => {
    const { orgId, produce } = await organization(2)
    await produce(...Array.from({ length: 30 }, (_, index) => message(`r_${index}`)))
    const intake = new FakeIntake()
    intake.limit = 4
    start(orgId, intake)
    await until(() => intake.ids.length === 4)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(intake.ids).toHaveLength(4)
    for (const { settle } of intake.executions) settle()
    await until(() => intake.ids.length === 8)
  })

  it('of a partition wait when too many of it are not committed', async () => {
    const { orgId, produce } = await organization()
    await produce(...Array.from({ length: 30 }, (_, index) => message(`r_${index}`)))
    const intake = new FakeIntake(({ work, settle }) => work.runId !== 'r_0' && settle())
    start(orgId, intake, { maxUncommitted: 10 })
    await until(() => intake.ids.length === 10)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(intake.ids).toHaveLength(10)
    intake.executions[0]?.settle()
    await until(() => intake.ids.length === 30)
  })

  it('move with their partitions when a member joins: those that stay go on', async () => {
    const { orgId, produce } = await organization(4)
    await produce(...Array.from({ length: 8 }, (_, index) => message(`r_${index}`)))
    const first = new FakeIntake(untilLost)
    const one = start(orgId, first)
    await until(() => first.ids.length === 8)

    const second = new FakeIntake(untilLost)
    const other = start(orgId, second)
    await until(() => second.ids.length === 4)

    const kept = first.executions.filter(({ signal }) => !signal.aborted)
    const ids = [...kept.map(({ work }) => work.runId), ...second.ids]
    expect(ids.toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `r_${index}`))
    expect(second.executions.every(({ work }) => work.mayHaveBegun === 'maybe')).toBe(true)
    expect([one.source.lag.length, other.source.lag.length]).toEqual([2, 2])
  })

  it('are given away only when those that were begun are settled, and not again if they are done', async () => {
    const { orgId, produce } = await organization(2)
    await produce(message('r_0'), message('r_1'))
    const first = new FakeIntake()
    start(orgId, first)
    await until(() => first.ids.length === 2)

    const second = new FakeIntake(({ settle }) => settle())
    start(orgId, second)
    await until(() => first.executions.some(({ signal }) => signal.aborted))
    await produce(message('r_2'), message('r_3'))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(second.ids).toEqual([])
    for (const { settle } of first.executions) settle()
    await until(() => second.ids.length > 0)
    await until(() => first.ids.length + second.ids.length === 4)
    expect([...first.ids, ...second.ids].toSorted()).toEqual(['r_0', 'r_1', 'r_2', 'r_3'])
  })

  it('are each begun once while members come and go, none twice and none never', async () => {
    const { orgId, topic, produce, committed } = await organization(6)
    const runs = 1_500
    /** What Port would know: which runs were begun, and how often. */
    const begun = new Map<string, number>()
    const ended = new Set<string>()
    const mistaken: string[] = []
    const member = () => {
      const intake = new FakeIntake((execution) => {
        const { work, signal, settle } = execution
        untilLost(execution)
        const times = begun.get(work.runId) ?? 0
        // Only a run that may have been begun is looked up.
        if (work.mayHaveBegun === 'no' || times === 0) begun.set(work.runId, times + 1)
        if (work.mayHaveBegun === 'no' && times > 0) mistaken.push(work.runId)
        setTimeout(() => {
          if (!signal.aborted) ended.add(work.runId)
          settle()
        }, 20)
      })
      intake.limit = 24
      return start(orgId, intake)
    }
    const producing = (async () => {
      for (let first = 0; first < runs; first += 100) {
        const ids = Array.from({ length: 100 }, (_, index) => message(`r_${first + index}`))
        await produce(...ids)
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    })()
    const members = [member()]
    for (let round = 0; round < 6; round++) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      if (round % 2 === 0) members.push(member(), member())
      else await Promise.all(members.splice(0, 2).map(({ stop }) => stop()))
    }
    await producing
    await until(() => ended.size === runs)
    expect(mistaken).toEqual([])
    expect([...begun.values()].filter((times) => times !== 1)).toEqual([])
    const ends = (await broker.read(topic)).length
    await until(async () => (await committed()).reduce((sum, one) => sum + one, 0) === ends)
  })

  it('are let go before others get them when the broker does not respond any more', async () => {
    const { orgId, produce } = await organization()
    await produce(message('r_1'))
    const intake = new FakeIntake(untilLost)
    const { source, lines, ready } = start(orgId, intake)
    await until(() => intake.ids.length === 1)
    broker.pause()
    try {
      await until(() => intake.executions[0]?.signal.aborted === true)
    } finally {
      broker.resume()
    }
    await until(() => intake.ids.length === 2)
    await ready()
    expect(intake.executions[1]?.work).toMatchObject({ runId: 'r_1', mayHaveBegun: 'maybe' })
    expect(intake.executions[1]?.signal.aborted).toBe(false)
    expect(source.state).toEqual({ ready: true })
    expect(lines.filter((line) => line.startsWith('Could not'))).toHaveLength(lines.length / 2)
  })

  it('go on when the broker restarts, and it is said once', async () => {
    const { orgId, produce, committed } = await organization(2)
    const intake = new FakeIntake(({ settle }) => settle())
    const { source, lines, ready } = start(orgId, intake, { sessionTimeoutMs: 30_000 })
    await produce(message('r_1'), message('r_2'))
    await until(() => intake.ids.length === 2)
    await broker.kill()
    await until(() => !source.state.ready)
    await until(() => JSON.stringify(source.state).includes('ECONNREFUSED'))
    expect(source.state).toEqual({
      ready: false,
      reason: `Could not take runs from Kafka at ${broker.plain}: the connection was refused (ECONNREFUSED).`,
    })
    expect(lines).toEqual([expect.stringMatching(/^Could not take runs from Kafka at /)])
    await broker.restart()
    await produce(message('r_3'), message('r_4'))
    await until(() => new Set(intake.ids).size === 4)
    await ready()
    // The client of the test may produce a message twice when the broker has just started.
    await until(async () => (await committed()).every((offset) => offset >= 2), 180_000)
    // A broker that starts on a busy machine can refuse once more what it has accepted: that is another outage.
    expect(lines.filter((_, index) => index % 2 === 1)).toEqual(
      Array.from({ length: lines.length / 2 }, () => 'Connected to Kafka again.'),
    )
  }, 300_000)

  it('are taken from partitions that are added, from their first message on, by whoever gets them', async () => {
    const { orgId, topic, committed } = await organization(1)
    const settle = ({ settle }: Execution) => settle()
    const intakes = [new FakeIntake(settle), new FakeIntake(settle)]
    for (const intake of intakes)
      start(orgId, intake, { partitionsEvery: 200, startFrom: 'latest' })
    await until(async () => (await committed())[0] === 0)
    await broker.addPartitions(topic, 4)
    await broker.produce(
      topic,
      [0, 1, 2, 3].map((partition) => ({ value: message(`r_${partition}`), partition })),
    )
    const taken = () => intakes.flatMap(({ ids }) => ids).toSorted()
    await until(() => taken().length === 4)
    expect(taken()).toEqual(['r_0', 'r_1', 'r_2', 'r_3'])
    await until(async () => `${await committed()}` === '1,1,1,1')
  })

  it('are said to be in a topic that does not exist any more by the name of its setting', async () => {
    const { orgId, topic } = await organization(1)
    const nameOf = (setting: string) => `THE_SETTING_${setting}`
    const { source, ready } = start(orgId, new FakeIntake(), { nameOf })
    await ready()
    await broker.deleteTopic(topic)
    const reason = () => (source.state.ready ? '' : source.state.reason)
    await until(() => /^Runs cannot.*\n {2}THE_SETTING_kafka\.topic: one of/.test(reason()))
  })

  it('cannot be taken from a topic that does not exist', async () => {
    const { running } = start('org_nowhere', new FakeIntake())
    await expect(running).rejects.toThrow(
      /one of the topics org_nowhere.runs does not exist at 127\.0\.0\.1/,
    )
  })

  it('cannot be taken with a wrong password', async () => {
    const { orgId } = await organization()
    const connection = {
      brokers: [broker.secure],
      username: USER,
      password: 'wrong',
      ca: broker.ca,
    }
    const { running } = start(orgId, new FakeIntake(), { connection })
    await expect(running).rejects.toThrow('the broker does not accept the user name and password')
  })

  it.each([{ id: 'other' }, { id: 'org_2.x' }, { id: 'org_1.' }, { id: 'org_1' }])(
    'cannot be taken in the group $id',
    ({ id }) => {
      const connection = { brokers: [broker.secure], username: USER }
      expect(
        () => new KafkaSource({ orgId: 'org_1', secrets: [], connection, groupId: id }),
      ).toThrow(`"${id}", which Port does not allow`)
    },
  )
})
