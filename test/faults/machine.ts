import type { Clock, Logger } from '@port-dispatch/core'
import { parseAction, parseTriggerData, renderInvocationMethod } from '@port-dispatch/core/action'
import { Http, type Transport, TransportFailure } from '@port-dispatch/core/http'
import { PortClient, reporterFor } from '@port-dispatch/core/port'
import {
  type Connections,
  Dispatcher,
  type DispatchOptions,
  type DispatchResult,
  dispatch,
  resume,
  type Settled,
  settle,
} from '@port-dispatch/dispatcher'
import { toRequest } from './stand-in/exchange.ts'
import type { StandIn } from './stand-in/stand-in.ts'
import type { VirtualTime } from './virtual-time.ts'

export type Backend = 'GITHUB' | 'GITLAB'

export interface MachineDispatch extends Partial<DispatchOptions> {
  /** Replaces parts of the invocation method. */
  method?: object
  connections?: Connections
}

export interface MachineOptions {
  time: VirtualTime
  server: StandIn
  /** By how many milliseconds its clock is ahead. */
  skew?: number | undefined
  /** Milliseconds that a message takes. */
  latency?: () => number
}

/** A machine that runs a dispatch, in virtual time. */
export class Machine {
  readonly clock: Clock
  readonly #options: MachineOptions
  readonly #stop = new AbortController()
  readonly said: string[] = []
  #isDead = false

  constructor(options: MachineOptions) {
    this.#options = options
    const clock = options.time.clock(options.skew)
    const alive = <T>(work: Promise<T>) => this.#unlessDead(work)
    this.clock = { ...clock, sleep: (ms, signal) => alive(clock.sleep(ms, signal)) }
  }

  /** SIGTERM. */
  terminate(): void {
    this.#stop.abort(new Error('SIGTERM'))
  }

  /** SIGKILL: nothing happens on it any more. What is on its way arrives. */
  kill(): void {
    this.#isDead = true
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  async dispatch(
    backend: Backend,
    runId: string,
    options: MachineDispatch = {},
  ): Promise<DispatchResult> {
    return await dispatch(this.#optionsOf(backend, runId, options))
  }

  /** Follows a run that was started before. */
  async resume(backend: Backend, runId: string, externalRunId: string): Promise<DispatchResult> {
    return await resume({ ...this.#optionsOf(backend, runId), wait: WAIT, externalRunId })
  }

  /** Finds out what became of a start. */
  async settle(
    backend: Backend,
    runId: string,
    when: { since: number; over?: number },
    options: MachineDispatch = {},
  ): Promise<Settled> {
    const { dispatcher, action, triggerData, ...others } = this.#optionsOf(backend, runId, options)
    const { method } = await renderInvocationMethod(await action, triggerData)
    const plan = await dispatcher.plan(method)
    return await settle({ ...others, plan, portRunId: runId, clock: this.clock, ...when })
  }

  #optionsOf(
    backend: Backend,
    runId: string,
    { method = {}, connections = {}, ...options }: MachineDispatch = {},
  ): DispatchOptions {
    const http = { clock: this.clock, transport: this.#transport }
    const credentials = { baseUrl: this.#options.server.origin, clientId: 'i', clientSecret: 's' }
    const port = new PortClient({ ...credentials, ...http })
    const warning = (message: string) => this.said.push(message)
    const logger: Logger = { info: () => {}, notice: warning, warning }
    return {
      dispatcher: new Dispatcher(
        {
          github: { token: 'github', apiUrl: this.#options.server.origin },
          gitlab: { token: 'gitlab', url: this.#options.server.origin },
          ...connections,
        },
        { http: new Http(http) },
      ),
      action: parseAction({ ...METHODS[backend](runId), ...method }),
      triggerData: parseTriggerData({ run: { id: runId } }),
      reporter: reporterFor(port, runId, { signal: this.signal }),
      wait: WAIT,
      logger,
      signal: this.signal,
      ...options,
    }
  }

  readonly #transport: Transport = {
    send: async ({ method, url, headers = {}, body = '', signal, beforeSend }) => {
      const { server, time, latency = () => 20 } = this.#options
      const request = toRequest(method, url, new Headers(headers), body)
      beforeSend()
      await this.#unlessDead(time.sleep(latency(), signal))
      const reply = server.reply(request)
      if (reply === 'hang') await this.#unlessDead(time.sleep(10_000_000, signal))
      await this.#unlessDead(time.sleep(latency(), signal))
      if (typeof reply === 'string') {
        throw new TransportFailure('the connection was closed too early', { sent: true })
      }
      const { status, text = '' } = reply
      return {
        status,
        headers: new Headers({ 'content-type': 'application/json', ...reply.headers }),
        text: 'body' in reply ? JSON.stringify(reply.body) : text,
      }
    },
  }

  async #unlessDead<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } finally {
      if (this.#isDead) await new Promise(() => {})
    }
  }
}

const WAIT = { timeout: 3_600_000, onCancel: 'leave' } as const

const METHODS: Record<Backend, (runId: string) => object> = {
  GITHUB: (runId) => ({
    type: 'GITHUB',
    org: 'acme',
    repo: 'services',
    workflow: 'deploy.yml',
    reportWorkflowStatus: true,
    workflowInputs: { ref: 'main', port_run_id: runId },
  }),
  GITLAB: (runId) => ({
    type: 'GITLAB',
    groupName: 'acme',
    projectName: 'release',
    defaultRef: 'refs/heads/main',
    pipelineVariables: { PORT_CONTEXT: JSON.stringify({ runId }) },
  }),
}
