import { systemClock } from '@port-dispatch/core'
import { PortClient } from '@port-dispatch/core/port'
import { createRedactor } from '@port-dispatch/core/text'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { connectionsFromEnvironment, createTransport } from '@port-dispatch/dispatcher/host'
import type { Sandbox } from '@port-dispatch/sandbox'
import { Agent } from '../src/agent.ts'
import type { Observer } from '../src/observer.ts'
import { silentObserver } from '../src/observer.ts'
import { messageRouter, type Router } from '../src/routes/router.ts'
import { ClaimSource } from '../src/sources/claim.ts'
import type { Settlement, Source, Work } from '../src/work.ts'
import { Executor } from '../src/worker/executor.ts'
import { Worker, type WorkerOptions } from '../src/worker/worker.ts'

export interface StartOptions extends Partial<Pick<WorkerOptions, 'concurrency' | 'orderBy'>> {
  router?: Router
  source?: (port: PortClient) => Source
  visibilityTimeout?: number
  /** Default: 300 ms. */
  callWithin?: number
  /** Default: as Port's agent, which claims no node runs here. */
  installationId?: string
  nodeRuns?: 'claim' | 'leave'
  /** Milliseconds between two claims. Default 20. */
  interval?: number
  /** Of Port. Default: the sandbox. */
  baseUrl?: string
  grace?: number
  /** Of GitHub's API. Default: the sandbox. */
  githubUrl?: string
}

/** An agent in this process, on a sandbox. */
export function startAgent(sandbox: Sandbox, options: StartOptions = {}) {
  const { concurrency = 10, router = messageRouter(), grace = 5_000 } = options
  const env = {
    ...sandbox.environment,
    PORT_DISPATCH_ALLOW_HOSTS: '127.0.0.1',
    ...(options.githubUrl !== undefined && { GITHUB_API_URL: options.githubUrl }),
  }
  const lines: string[] = []
  const settled: { work: Work; settlement: Settlement }[] = []
  const log = (message: string) => lines.push(message)
  const logger = { info: log, notice: log, warning: log }
  const port = new PortClient({
    baseUrl: options.baseUrl ?? sandbox.url,
    clientId: sandbox.environment.PORT_CLIENT_ID ?? '',
    clientSecret: sandbox.environment.PORT_CLIENT_SECRET ?? '',
    transport: createTransport(env),
  })
  const clock = systemClock
  const observer: Observer = {
    ...silentObserver,
    settled: (work, _, settlement) => settled.push({ work, settlement }),
  }
  const executor = new Executor({
    dispatcher: new Dispatcher(connectionsFromEnvironment(env)),
    port,
    router,
    followTimeout: 60_000,
    callWithin: options.callWithin ?? 300,
    resend: 'never',
    clock,
    loggerFor: () => logger,
    observer,
    redactor: createRedactor([]),
    nameOf: (setting) => setting,
  })
  const worker = new Worker({
    executor,
    concurrency,
    clock,
    observer,
    onUnexpected: (error) => log(`unexpected: ${error}`),
    ...(options.orderBy && { orderBy: options.orderBy }),
  })
  const source =
    options.source?.(port) ??
    new ClaimSource({
      port,
      installationId: options.installationId ?? '_PORT_EXEC_AGENT',
      batch: 100,
      interval: options.interval ?? 20,
      visibilityTimeout: options.visibilityTimeout ?? 60_000,
      nodeRuns: options.nodeRuns ?? 'leave',
      clock,
      logger,
      nameOf: (setting) => setting,
    })
  const agent = new Agent({ sources: [source], worker, clock, grace })
  const stop = new AbortController()
  const running = agent.run(stop.signal)
  return {
    lines,
    settled,
    source,
    worker,
    port,
    stop: async () => {
      stop.abort(new Error('stop'))
      await running
    },
  }
}
