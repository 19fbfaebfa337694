// Runs a second of whole agents, from Port to their target and back, with a Port that costs as little as one can. Measures
// what is built: `npm run build:lib` first. Kafka needs a broker: see test/support/kafka.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signMessage } from '@port-dispatch/core/port'
import { freePort } from '../../test/e2e/agent/chaos/sender.ts'
import { Broker, brokerMissing } from '../../test/support/kafka/broker.ts'
import { CREDENTIALS, type News, type Order } from './world.ts'

const ORG = 'org_bench'
const PARTITIONS = 6
const GOALS = { rate: { 0: 300, 200: 200 }, requests: 3, megabytes: 150, startup: 1.5, idle: 100 }

type Source = Order['source']
type Done = Extract<News, { type: 'done' }>

export async function run(): Promise<void> {
  console.log('\nagent: runs of synchronized webhooks, from Port to the target and back')
  const world = await World.start()
  const rows: Record<string, Record<string, string>> = {}
  try {
    for (const source of ['claim', 'webhook', 'kafka'] as const) {
      if (source === 'kafka' && !world.broker) continue
      for (const [delay, processes] of [
        [0, 1],
        [200, 1],
        [0, 2],
        [0, 3],
      ] as const) {
        const name = `${source}, target ${delay} ms, ${processes === 1 ? '1 process' : `${processes} processes`}`
        rows[name] = await measure(world, { source, delay, processes })
      }
    }
    console.table(rows)
  } finally {
    await world.close()
  }
}

interface Case {
  source: Source
  delay: 0 | 200
  processes: number
}

async function measure(world: World, { source, delay, processes }: Case) {
  const agents = await Promise.all(
    Array.from({ length: processes }, () => Agent.start(world, source)),
  )
  try {
    const urls = agents.map(({ url }) => url)
    const order = { source, delay, agents: urls, pause: 0 }
    await world.execute({ ...order, runs: 500 })
    const busy = await world.execute({ ...order, runs: delay === 0 ? 6_000 : 3_000 })
    const idle = await world.execute({ ...order, runs: 150, pause: 25 })
    const rate = busy.latencies.length / busy.seconds
    const perRun = busy.requests / busy.latencies.length
    const memory = Math.max(...agents.map(({ megabytes }) => megabytes))
    const startup = Math.max(...agents.map(({ seconds }) => seconds))
    const [p50, p99] = [0.5, 0.99].map((part) => quantile(idle.latencies, part))
    return {
      'runs a second': `${rate.toFixed(0)}${processes === 1 ? goal(rate >= GOALS.rate[delay], `≥ ${GOALS.rate[delay]}`) : ''}`,
      'Port requests a run':
        perRun.toFixed(2) + goal(perRun <= GOALS.requests, `≤ ${GOALS.requests}`),
      'idle, p50 ms': (p50 ?? Number.NaN).toFixed(0),
      'idle, p99 ms':
        (p99 ?? Number.NaN).toFixed(0) + goal((p99 ?? 0) < GOALS.idle, `< ${GOALS.idle}`),
      'memory, MB': memory.toFixed(0) + goal(memory <= GOALS.megabytes, `≤ ${GOALS.megabytes}`),
      'ready after, s': startup.toFixed(2) + goal(startup < GOALS.startup, `< ${GOALS.startup}`),
      twice: String(busy.twice + idle.twice),
    }
  } finally {
    await Promise.all(agents.map((agent) => agent.stop()))
  }
}

function goal(isMet: boolean, of: string): string {
  return ` (goal ${of}${isMet ? '' : ', missed'})`
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN
}

/** Port, the target, and the broker. */
class World {
  readonly #process: ChildProcess
  readonly port: string
  readonly target: string
  readonly broker: Broker | undefined

  private constructor(
    process: ChildProcess,
    ready: { port: string; target: string },
    broker: Broker | undefined,
  ) {
    this.#process = process
    this.port = ready.port
    this.target = ready.target
    this.broker = broker
  }

  static async start(): Promise<World> {
    const child = fork(new URL('./world.ts', import.meta.url), { execArgv: process.execArgv })
    const [news] = (await once(child, 'message')) as [News]
    if (news.type !== 'ready') throw new Error('The world did not start.')
    const broker = brokerMissing() ? undefined : await Broker.start()
    await broker?.createTopic(`${ORG}.runs`, {}, PARTITIONS)
    return new World(child, news, broker)
  }

  /** Has runs made, and waits until all of them have ended. */
  async execute(order: Order): Promise<Done> {
    const { promise, resolve, reject } = Promise.withResolvers<Done>()
    let partition = 0
    const onNews = (news: News) => {
      if (news.type === 'done') resolve(news)
      if (news.type === 'made') {
        const messages = news.ids.map((id) => ({
          value: messageOf(id, this.target),
          partition: partition++ % PARTITIONS,
        }))
        this.broker?.produce(`${ORG}.runs`, messages).catch(reject)
      }
    }
    this.#process.on('message', onNews)
    this.#process.send(order)
    try {
      return await promise
    } finally {
      this.#process.off('message', onNews)
    }
  }

  async close(): Promise<void> {
    this.#process.disconnect()
    await this.broker?.[Symbol.asyncDispose]()
  }
}

function messageOf(runId: string, url: string): string {
  const invocationMethod = { type: 'WEBHOOK', agent: true, synchronized: true, url }
  const message = {
    action: 'bench',
    resourceType: 'run',
    context: { runId },
    payload: { properties: {}, action: { invocationMethod } },
    headers: {},
  }
  return JSON.stringify(signMessage({ secret: CREDENTIALS.secret, timestamp: 1, message }))
}

/** An agent in a process of its own, as it is installed. */
class Agent {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly url: string
  /** From the start of the process until it takes runs. */
  readonly seconds: number

  private constructor(process: ChildProcess, folder: string, url: string, seconds: number) {
    this.#process = process
    this.#folder = folder
    this.url = url
    this.seconds = seconds
  }

  static async start(world: World, source: Source): Promise<Agent> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-agent-'))
    const routes = join(folder, 'port-dispatch.yml')
    const method = {
      type: 'WEBHOOK',
      url: world.target,
      synchronized: true,
      body: { run: '{{ .run.id }}' },
    }
    writeFileSync(routes, JSON.stringify({ routes: [{ invocationMethod: method }] }))
    const [hooks, operations] = [await freePort(), await freePort()]
    const begin = performance.now()
    const main = "import('@port-dispatch/agent/main').then(({ main }) => main())"
    const child = spawn(process.execPath, ['-e', main], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env.PATH,
        // As in deploy/Dockerfile and the systemd unit.
        NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=256',
        PORT_CLIENT_ID: CREDENTIALS.id,
        PORT_CLIENT_SECRET: CREDENTIALS.secret,
        PORT_BASE_URL: world.port,
        PORT_ORG_ID: ORG,
        PORT_DISPATCH_SOURCE: source,
        PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1',
        PORT_DISPATCH_OPERATIONS_LISTEN: `127.0.0.1:${operations}`,
        PORT_DISPATCH_LISTEN: `127.0.0.1:${hooks}`,
        PORT_DISPATCH_CONCURRENCY: '100',
        PORT_DISPATCH_CLAIM_INTERVAL: '50ms',
        PORT_DISPATCH_NODE_RUNS: 'no',
        PORT_DISPATCH_LOG_LEVEL: 'error',
        ...(source === 'webhook' && { PORT_DISPATCH_CONFIG: routes }),
        KAFKA_BROKERS: world.broker?.plain ?? '',
      },
    })
    for (;;) {
      if (child.exitCode !== null) throw new Error(`The agent ended with ${child.exitCode}.`)
      const isReady = await fetch(`http://127.0.0.1:${operations}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isReady) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const seconds = (performance.now() - begin) / 1000
    return new Agent(child, folder, `http://127.0.0.1:${hooks}/`, seconds)
  }

  /** The most that was resident. */
  get megabytes(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true })
  }
}
