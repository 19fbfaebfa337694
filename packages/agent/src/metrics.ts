import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Observer } from './observer.ts'
import type { Settlement, SourceName, Work } from './work.ts'

/** From milliseconds, for a webhook, to what a queue of minutes adds. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** The metrics of the agent for Prometheus. Names and labels are listed in docs/agent.md. */
export class Metrics implements Observer {
  readonly registry = new Registry()
  readonly #received = this.#counter('runs_received_total', 'Runs that were taken', ['source'])
  readonly #settled = this.#counter('runs_total', 'Runs that were settled, by how they ended', [
    'source',
    'backend',
    'outcome',
  ])
  readonly #repeated = this.#counter(
    'runs_repeated_total',
    'Runs that came again and were recognised',
    ['source'],
  )
  readonly #refused = this.#counter('messages_refused_total', 'Messages that are no runs', [
    'source',
    'reason',
  ])
  readonly #requests = this.#counter('requests_total', 'Requests to Port and to the backends', [
    'server',
    'status',
  ])
  readonly #retries = this.#counter('retries_total', 'Requests that were sent again', ['server'])
  readonly #start = new Histogram({
    name: 'port_dispatch_agent_start_seconds',
    help: 'From the message to the response of the backend to the start',
    labelNames: ['source', 'backend'],
    buckets: SECONDS,
    registers: [this.registry],
  })
  readonly #lag = this.#gauge('kafka_lag', 'Messages of a partition that are not settled', [
    'topic',
    'partition',
  ])
  readonly #rateLimit = this.#gauge(
    'rate_limit_remaining',
    'Requests that a server still allows in this period',
    ['server'],
  )

  /**
   * @param inFlight reads what is under way
   * @param lags reads how far behind the partitions of Kafka are
   */
  constructor(
    inFlight: () => { starting: number; followed: number },
    lags: () => readonly { topic: string; partition: number; messages: number }[] = () => [],
  ) {
    collectDefaultMetrics({ register: this.registry })
    Object.assign(this.#lag, {
      collect: () => {
        // A partition that another process has is not ours to report.
        this.#lag.reset()
        for (const { topic, partition, messages } of lags())
          this.#lag.set({ topic, partition }, messages)
      },
    })
    const gauge = this.#gauge('runs_in_flight', 'Runs under way', ['state'])
    Object.assign(gauge, {
      collect: () => {
        const { starting, followed } = inFlight()
        gauge.set({ state: 'starting' }, starting)
        gauge.set({ state: 'followed' }, followed)
      },
    })
  }

  received({ source }: Work): void {
    this.#received.inc({ source })
  }

  started({ source, sentAt, receivedAt }: Work, backend: string, at: number): void {
    this.#start.observe({ source, backend }, Math.max(0, at - (sentAt ?? receivedAt)) / 1000)
  }

  settled({ source }: Work, backend: string, settlement: Settlement): void {
    const outcome = settlement.type === 'done' ? settlement.result : 'handed-over'
    this.#settled.inc({ source, backend, outcome })
  }

  repeated(source: SourceName): void {
    this.#repeated.inc({ source })
  }

  refused(source: SourceName, reason: string): void {
    this.#refused.inc({ source, reason })
  }

  /** A request is sent again. */
  retried(server: string): void {
    this.#retries.inc({ server })
  }

  /** @param status the HTTP status, or `failed` if there was no response */
  request(
    server: string,
    status: number | 'failed',
    headers?: { get(name: string): string | null },
  ): void {
    this.#requests.inc({ server, status })
    const remaining = Number(headers?.get('x-ratelimit-remaining') ?? Number.NaN)
    if (!Number.isNaN(remaining)) this.#rateLimit.set({ server }, remaining)
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({
      name: `port_dispatch_agent_${name}`,
      help,
      labelNames,
      registers: [this.registry],
    })
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({
      name: `port_dispatch_agent_${name}`,
      help,
      labelNames,
      registers: [this.registry],
    })
  }
}
