import { type Clock, formatError, type Logger, systemClock } from '@port-dispatch/core'
import { Http } from '@port-dispatch/core/http'
import type { PortClient } from '@port-dispatch/core/port'
import { createGrowingRedactor, createRedactor, type Redactor } from '@port-dispatch/core/text'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { credentialsOf } from '@port-dispatch/dispatcher/host'
import type { Logger as Log } from 'pino'
import { Agent } from './agent.ts'
import { createLog, runLogger } from './logging.ts'
import { Metrics } from './metrics.ts'
import type { Observer } from './observer.ts'
import { serveOperations } from './operations.ts'
import { backendTransport, countedWebhooks, portClient } from './requests.ts'
import { loadRouter, mappingHere } from './routes/load-router.ts'
import { settingName } from './setting-names.ts'
import { type AgentSettings, settingsFrom } from './settings/settings.ts'
import type { Environment } from './settings/variables.ts'
import { ClaimSource } from './sources/claim.ts'
import { WebhookSource } from './sources/webhook.ts'
import { setStreamer } from './streamer.ts'
import type { Source, SourceName, Work } from './work.ts'
import { Executor } from './worker/executor.ts'
import { type KeyOf, orderBy } from './worker/order-by.ts'
import { Worker } from './worker/worker.ts'

export interface RunOptions {
  /** Stops the agent. */
  signal: AbortSignal
  clock?: Clock
  /** Whether a person reads the log as it is written. */
  isTerminal?: boolean
}

/**
 * Runs an agent with the settings of an environment until the signal is aborted.
 *
 * @throws InputError if the settings or a file that they name are not valid, PortError or BackendError if Port or Kafka
 *   refuses
 */
export async function runAgent(env: Environment, options: RunOptions): Promise<void> {
  const { signal, clock = systemClock, isTerminal = false } = options
  const secrets = createGrowingRedactor(createRedactor(credentialsOf(env)))
  const settings = settingsFrom(env, { isTerminal, onSecret: (secret) => secrets.hide([secret]) })
  const { port: credentials, config, githubOrg, jqTimeout } = settings
  const { mapping = mappingHere() } = settings
  const {
    router,
    notes,
    secrets: named,
  } = await loadRouter({
    config,
    mapping,
    githubOrg,
    clientSecret: credentials.clientSecret,
    environment: env,
    jqTimeout,
  })
  secrets.hide([...settings.webhook.secrets, ...named])
  const { redactor } = secrets
  const { level, format, payloads } = settings.log
  const log = await createLog({ level, format, redactor })
  for (const note of [...settings.notes, ...notes]) log.warn(note)

  const parts: { worker?: Worker; sources?: readonly Source[] } = {}
  const metrics = new Metrics(
    () => parts.worker?.inFlight ?? { starting: 0, followed: 0 },
    () => parts.sources?.flatMap(({ lag = [] }) => lag) ?? [],
  )
  const port = portClient(credentials, { env, metrics, log })
  const observer = payloads ? withPayloads(metrics, log) : metrics
  const keyOf =
    settings.orderBy === undefined
      ? undefined
      : await orderBy(settings.orderBy, 'PORT_DISPATCH_ORDER_BY', jqTimeout)
  const worker = workerOf(settings, {
    env,
    port,
    router,
    metrics,
    observer,
    keyOf,
    redactor,
    log,
    clock,
  })
  parts.worker = worker
  const sources = await sourcesOf(settings, { port, log, clock })
  parts.sources = sources
  let isStopping = false
  const operations = await serveOperations({
    ...settings.operations,
    sources,
    registry: metrics.registry,
    isStopping: () => isStopping,
  })
  log.info(
    {
      sources: settings.sources,
      concurrency: settings.concurrency,
      operations: operations.address,
      ...(mapping !== undefined && { mapping }),
    },
    'The agent starts.',
  )
  if (settings.streamer) void setStreamer(port, settings.streamer, { log, signal })
  const agent = new Agent({
    sources,
    worker,
    clock,
    grace: settings.grace,
    onStop: () => {
      isStopping = true
      log.info('The agent stops: nothing new is taken, what is being started is reported.')
    },
  })
  try {
    await agent.run(signal)
    log.info('The agent has stopped.')
  } finally {
    operations.close()
  }
}

interface WorkerParts {
  env: Environment
  port: PortClient
  router: Awaited<ReturnType<typeof loadRouter>>['router']
  metrics: Metrics
  observer: Observer
  keyOf: KeyOf | undefined
  redactor: Redactor
  log: Log
  clock: Clock
}

function workerOf(settings: AgentSettings, parts: WorkerParts): Worker {
  const { env, port, router, metrics, observer, keyOf, redactor, log, clock } = parts
  const { concurrency, perTarget, perRepository } = settings
  const { followTimeout, callWithin, resend, connections } = settings
  const http = new Http({
    clock,
    transport: backendTransport(connections, { env, metrics }),
    onRetry: () => metrics.retried('backend'),
  })
  const loggerFor = (work: Pick<Work, 'runId' | 'source' | 'action'>): Logger =>
    runLogger(log, work)
  const executor = new Executor({
    dispatcher: new Dispatcher(
      { ...countedWebhooks(connections, metrics), port: { client: port } },
      { http },
    ),
    port,
    router,
    followTimeout,
    callWithin,
    resend,
    clock,
    loggerFor,
    observer,
    redactor,
    nameOf: settingName,
  })
  return new Worker({
    executor,
    concurrency,
    perTarget,
    perRepository,
    orderBy: keyOf,
    clock,
    observer,
    messageOf: (error) => formatError(error, settingName),
    onUnexpected: (error, { runId, source }) =>
      log.error({ runId, source, err: error }, 'Unexpected error.'),
  })
}

/** Logs each message as well, which its user has asked for. Secrets are hidden as everywhere. */
function withPayloads(metrics: Metrics, log: Log): Observer {
  return {
    received: (work) => {
      const { runId, source, message } = work
      log.info({ runId, source, message }, 'Received a run.')
      metrics.received(work)
    },
    started: (...started) => metrics.started(...started),
    settled: (...settled) => metrics.settled(...settled),
    repeated: (source) => metrics.repeated(source),
    refused: (...refused) => metrics.refused(...refused),
  }
}

interface SourceParts {
  port: PortClient
  log: Log
  clock: Clock
}

async function sourcesOf(settings: AgentSettings, parts: SourceParts): Promise<Source[]> {
  return await Promise.all(settings.sources.map((name) => sourceOf(name, settings, parts)))
}

async function sourceOf(
  name: SourceName,
  settings: AgentSettings,
  { port, log, clock }: SourceParts,
): Promise<Source> {
  const logger = runLogger(log, { source: name, runId: '' })
  switch (name) {
    case 'claim':
      return new ClaimSource({ ...settings.claim, port, clock, logger, nameOf: settingName })
    case 'webhook':
      return new WebhookSource({ ...settings.webhook, port, clock, logger, nameOf: settingName })
    case 'kafka': {
      // The client takes 0.6 s and 100 MB to load.
      const { KafkaSource } = await import('./sources/kafka/kafka-source.ts')
      const { connection, ...kafka } = settings.kafka
      const { orgId = '', webhook } = settings
      return new KafkaSource({
        ...kafka,
        connection,
        port,
        orgId,
        secrets: webhook.secrets,
        clock,
        logger,
        nameOf: settingName,
      })
    }
  }
}
