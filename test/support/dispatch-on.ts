import { type Clock, type JsonObject, type Logger, silentLogger } from '@port-dispatch/core'
import { parseAction, parseTriggerData } from '@port-dispatch/core/action'
import { type Fetch, fetchTransport, Http, type HttpOptions } from '@port-dispatch/core/http'
import { describeReport, PortClient, reporterFor } from '@port-dispatch/core/port'
import {
  Dispatcher,
  type DispatchOptions,
  type DispatchResult,
  type DispatchStep,
  dispatching,
} from '@port-dispatch/dispatcher'
import { connectionsFromEnvironment } from '@port-dispatch/dispatcher/host'
import type { Sandbox } from '@port-dispatch/sandbox'

export interface DispatchOn
  extends Omit<DispatchOptions, 'dispatcher' | 'action' | 'triggerData' | 'reporter'> {
  /** An action definition or an invocation method. */
  action: unknown
  context?: JsonObject
  /** Without one nothing is reported. */
  runId?: string | undefined
  clock?: Clock | undefined
  fetch?: Fetch | undefined
  logger?: Logger
  dispatcher?: Dispatcher
}

/** A whole dispatch against a sandbox, as a program that uses the library makes it. */
export async function dispatchOn(sandbox: Sandbox, options: DispatchOn): Promise<DispatchResult> {
  const { action, context = {}, runId, clock, fetch, ...rest } = options
  const http = { ...(clock && { clock }), ...(fetch && { transport: fetchTransport(fetch) }) }
  const { PORT_BASE_URL = '', PORT_CLIENT_ID = '', PORT_CLIENT_SECRET = '' } = sandbox.environment
  const port = new PortClient({
    baseUrl: PORT_BASE_URL,
    clientId: PORT_CLIENT_ID,
    clientSecret: PORT_CLIENT_SECRET,
    ...http,
  })
  const logger: Logger = {
    ...(options.logger ?? silentLogger),
    settingName: (setting) => setting.replace('.', ' '),
  }
  const steps = dispatching({
    dispatcher: dispatcherOf(sandbox, http),
    ...rest,
    logger,
    action: parseAction(action),
    triggerData: parseTriggerData({ ...context, ...(runId && { run: { id: runId } }) }),
    reporter: runId ? reporterFor(port, runId) : undefined,
  })
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
    print(step.value, logger)
  }
}

function print(step: DispatchStep, logger: Logger): void {
  if (step.type === 'state') logger.info(`${step.state.status} ${step.state.url}`)
  if (step.type === 'concluded') logger.info(step.end.message)
  if (step.type === 'reported') {
    const said = describeReport(step.result, (name) => name)
    if (said) logger[said.level](said.text)
  }
}

export function dispatcherOf({ environment }: Sandbox, http: HttpOptions = {}): Dispatcher {
  return new Dispatcher(connectionsFromEnvironment(environment), { http: new Http(http) })
}

/** The run that was started. */
export function runOf({ started }: DispatchResult): { id: string; url?: string } {
  if (started.type !== 'run') throw new Error(`No run was started, but ${started.type}`)
  return started.run
}
