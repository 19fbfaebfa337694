// Agents in processes of their own that are killed and started while they execute runs, and Port that is away meanwhile.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { signMessage } from '@port-dispatch/core/port'
import {
  defaultDefinition,
  type Exchange,
  type Sandbox,
  startSandbox,
} from '@port-dispatch/sandbox'
import { Random } from '../../../faults/random.ts'
import { Broker } from '../../../support/kafka/broker.ts'
import { PortFront } from './port-front.ts'
import { freePort, Sender } from './sender.ts'
import { Target } from './target.ts'

export interface ChaosOptions {
  source: 'claim' | 'kafka' | 'webhook'
  runs: number
  /** Agents at one time. */
  agents: number
  /** How many are killed; each is replaced at once. */
  kills: number
  /** How long Port is away, in milliseconds. */
  outage: number
  /** Whether the broker is killed and started again. */
  restartsBroker?: boolean
  seed: number
  /** Seconds for which a claim holds. Default 5, in which a busy machine gets nothing done. */
  visibility?: number
}

/** What the target and Port count, and what must not be. */
export interface ChaosResult {
  runs: number
  started: number
  twice: number
  /** It is not known whether it was started, and Port says so. */
  unknown: number
  /** The end of a run was reported, or its receiver has it, and it was never started. */
  invented: number
  /** It ended as not started, and was started. */
  denied: number
  /** It ended as not started: the agent that had it was killed or stopped before. */
  notStarted: number
  /** A final status was accepted more than once. */
  endedTwice: number
  /** Open, without a word about it. */
  leftOpen: number
  portRequests: number
  seconds: number
  /** Of runs that are left open, for whoever looks into it. */
  open: string[]
}

const PARTITIONS = 6
const ORG = 'org_chaos'
const SETTLED_WITHIN_MS = 270_000

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  await using world = await World.create(options)
  return await world.run()
}

class World {
  readonly #options: ChaosOptions
  readonly #random: Random
  readonly #target: Target
  readonly #front: PortFront
  readonly #sandbox: Sandbox
  readonly #broker: Broker | undefined
  readonly #finals: Map<string, number>
  readonly #agents: ChildProcess[] = []
  readonly #sender: Sender
  /** What is executed for a webhook, which cannot say so itself: the agent would call itself. */
  readonly #routes = join(mkdtempSync(join(tmpdir(), 'chaos-')), 'port-dispatch.yml')

  private constructor(
    options: ChaosOptions,
    parts: {
      random: Random
      target: Target
      front: PortFront
      sandbox: Sandbox
      broker: Broker | undefined
      finals: Map<string, number>
    },
  ) {
    this.#options = options
    this.#random = parts.random
    this.#target = parts.target
    this.#front = parts.front
    this.#sandbox = parts.sandbox
    this.#broker = parts.broker
    this.#finals = parts.finals
    this.#sender = new Sender(parts.random)
    const method = { type: 'WEBHOOK', url: parts.target.url, body: { run: '{{ .run.id }}' } }
    const when = '{{ .message.payload.action.invocationMethod.synchronized }}'
    const routes = [
      { when, invocationMethod: { ...method, synchronized: true } },
      { invocationMethod: method },
    ]
    writeFileSync(this.#routes, JSON.stringify({ routes }))
  }

  static async create(options: ChaosOptions): Promise<World> {
    const random = new Random(options.seed)
    const target = await Target.start(random)
    const finals = new Map<string, number>()
    const trigger = { type: 'self-service', userInputs: { properties: {} } }
    const actions = [true, false].map((synchronized) => ({
      identifier: synchronized ? 'synchronized' : 'asynchronous',
      trigger,
      invocationMethod: {
        type: 'WEBHOOK',
        agent: true,
        url: target.url,
        synchronized,
        body: { run: '{{ .run.id }}' },
      },
    }))
    const sandbox = await startSandbox({
      definition: { ...defaultDefinition, port: { ...defaultDefinition.port, actions, runs: [] } },
      rememberedExchanges: 1,
      onExchange: (exchange) => countFinal(finals, exchange),
    })
    const front = await PortFront.start(sandbox.url)
    const broker = options.source === 'kafka' ? await Broker.start() : undefined
    await broker?.createTopic(`${ORG}.runs`, {}, PARTITIONS)
    return new World(options, { random, target, front, sandbox, broker, finals })
  }

  async run(): Promise<ChaosResult> {
    const begin = performance.now()
    for (let i = 0; i < this.#options.agents; i++) this.#agents[i] = await this.#spawn(i)
    const producing = this.#produce()
    const breaking = this.#break()
    await Promise.all([producing, breaking])
    await this.#sender.done()
    const until = performance.now() + SETTLED_WITHIN_MS
    while (performance.now() < until && this.#open().length > 0) await delay(200)
    return this.#count((performance.now() - begin) / 1000)
  }

  async #spawn(place: number): Promise<ChildProcess> {
    const { source } = this.#options
    const port = await freePort()
    this.#sender.receivers[place] = `http://127.0.0.1:${port}/`
    const [credentials] = defaultDefinition.port.credentials
    const main = "import('@port-dispatch/agent/main').then(({ main }) => main())"
    const output = process.env.CHAOS_LOG ? 'inherit' : 'ignore'
    return spawn(process.execPath, ['--conditions=port-dispatch-source', '-e', main], {
      stdio: ['ignore', output, output],
      env: {
        PATH: process.env.PATH,
        PORT_CLIENT_ID: credentials?.clientId,
        PORT_CLIENT_SECRET: credentials?.clientSecret,
        PORT_BASE_URL: this.#front.url,
        PORT_ORG_ID: ORG,
        PORT_DISPATCH_SOURCE: source,
        PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1',
        PORT_DISPATCH_OPERATIONS_LISTEN: '127.0.0.1:0',
        ...(source === 'webhook' && { PORT_DISPATCH_CONFIG: this.#routes }),
        PORT_DISPATCH_LISTEN: `127.0.0.1:${port}`,
        PORT_DISPATCH_ORPHANED_AFTER: '10s',
        PORT_DISPATCH_CLAIM_INTERVAL: '200ms',
        PORT_DISPATCH_VISIBILITY_TIMEOUT: `${this.#options.visibility ?? 5}s`,
        PORT_DISPATCH_REQUEST_TIMEOUT: '3s',
        PORT_DISPATCH_NODE_RUNS: 'no',
        PORT_DISPATCH_SESSION_TIMEOUT_MS: '6000',
        KAFKA_BROKERS: this.#broker?.plain ?? '',
      },
    })
  }

  /** The runs come while agents are killed. */
  async #produce(): Promise<void> {
    const { runs } = this.#options
    const batch = Math.ceil(runs / 20)
    for (let made = 0; made < runs; made += batch) {
      const ids = Array.from({ length: Math.min(batch, runs - made) }, () => {
        const action = this.#random.chance(0.5) ? 'synchronized' : 'asynchronous'
        return this.#sandbox.createPortRun(action)
      })
      const messages = ids.map(({ id, action }, i) => ({
        value: this.#messageOf(id, action.invocationMethod),
        partition: (made + i) % PARTITIONS,
      }))
      if (this.#options.source === 'webhook') {
        for (const { value } of messages) this.#sender.send(value)
      }
      for (let isProduced = !this.#broker; !isProduced; ) {
        // While the broker restarts, its client gives up.
        isProduced =
          (await this.#broker?.produce(`${ORG}.runs`, messages).then(
            () => true,
            () => false,
          )) ?? true
      }
      await delay(this.#random.upTo(600))
    }
  }

  #messageOf(runId: string, method: Readonly<Record<string, unknown>>): string {
    const { type, agent, url, synchronized } = method as Record<string, string | boolean>
    const invocationMethod = {
      type: String(type),
      agent: agent === true,
      url: String(url),
      synchronized: synchronized === true,
    }
    const message = {
      run: runId,
      action: 'chaos',
      resourceType: 'run',
      context: { runId },
      payload: { properties: {}, action: { invocationMethod } },
      headers: {},
    }
    const secret = defaultDefinition.port.credentials[0]?.clientSecret ?? ''
    return JSON.stringify(signMessage({ secret, timestamp: 1, message }))
  }

  async #break(): Promise<void> {
    const { kills, outage, restartsBroker, agents } = this.#options
    for (let done = 0; done < kills; done++) {
      await delay(300 + this.#random.upTo(1_200))
      const which = Math.floor(this.#random.upTo(agents))
      // Every third one is asked to stop, as by a rollout.
      this.#agents[which]?.kill(done % 3 === 2 ? 'SIGTERM' : 'SIGKILL')
      this.#agents[which] = await this.#spawn(which)
      if (done === Math.floor(kills / 3)) {
        this.#front.isAway = true
        await delay(outage)
        this.#front.isAway = false
      }
      if (restartsBroker && done === Math.floor((2 * kills) / 3)) {
        await this.#broker?.kill()
        await this.#broker?.restart()
      }
    }
  }

  #open() {
    const settled = /^(Sent to the receiver|Unknown whether it started)$/
    return this.#sandbox
      .portRuns()
      .filter(
        ({ status, statusLabel }) => status === 'IN_PROGRESS' && !settled.test(statusLabel ?? ''),
      )
  }

  #count(seconds: number): ChaosResult {
    const runs = this.#sandbox.portRuns()
    const startsOf = (id: string) => this.#target.starts.get(id) ?? 0
    const isNotStarted = ({ statusLabel }: { statusLabel: string | undefined }) =>
      statusLabel === 'Not started'
    const isUnknown = ({ statusLabel }: { statusLabel: string | undefined }) =>
      statusLabel === 'Unknown whether it started'
    return {
      runs: runs.length,
      started: runs.filter(({ id }) => startsOf(id) > 0).length,
      twice: runs.filter(({ id }) => startsOf(id) > 1).length,
      unknown: runs.filter(isUnknown).length,
      invented: runs.filter(
        (run) =>
          startsOf(run.id) === 0 &&
          (run.status === 'SUCCESS' || run.statusLabel === 'Sent to the receiver'),
      ).length,
      notStarted: runs.filter((run) => isNotStarted(run) && startsOf(run.id) === 0).length,
      denied: runs.filter((run) => isNotStarted(run) && startsOf(run.id) > 0).length,
      endedTwice: [...this.#finals.values()].filter((count) => count > 1).length,
      leftOpen: this.#open().length,
      portRequests: this.#front.requests,
      seconds,
      open: this.#open().map(
        ({ id, statusLabel }) => `${id}: ${statusLabel}, ${startsOf(id)} starts`,
      ),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents) agent.kill('SIGKILL')
    rmSync(dirname(this.#routes), { recursive: true })
    this.#target.close()
    this.#front.close()
    await this.#sandbox.close()
    await this.#broker?.[Symbol.asyncDispose]()
  }
}

function countFinal(
  finals: Map<string, number>,
  { method, path, status, requestBody }: Exchange,
): void {
  const [, id] = /^\/v1\/actions\/runs\/(r_[^/]+)(?:\/logs)?$/.exec(path) ?? []
  if (id === undefined || method === 'GET' || status >= 300) return
  const body = requestBody as { status?: string; terminationStatus?: string } | undefined
  if (body?.status ?? body?.terminationStatus) finals.set(id, (finals.get(id) ?? 0) + 1)
}
