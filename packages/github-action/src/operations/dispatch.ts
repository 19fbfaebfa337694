import { setOutput, setSecret } from '@actions/core'
import { formatError, PortDispatchError, phrase, setting } from '@port-dispatch/core'
import type { TriggerData } from '@port-dispatch/core/action'
import { type Reporter, reporterFor } from '@port-dispatch/core/port'
import { statusLabel } from '@port-dispatch/core/run'
import { createGrowingRedactor, type Redactor } from '@port-dispatch/core/text'
import {
  type Connections,
  Dispatcher,
  type DispatchResult,
  type DispatchStep,
  dispatching,
} from '@port-dispatch/dispatcher'
import {
  connectionsFromEnvironment,
  createHttp,
  interruption,
} from '@port-dispatch/dispatcher/host'
import { checkInputs } from '../inputs/check-inputs.ts'
import { contextInput } from '../inputs/context-input.ts'
import {
  badInput,
  choiceInput,
  durationInput,
  flagInput,
  renderOptions,
  textInput,
} from '../inputs/inputs.ts'
import { hasCredentials, invocationInput } from '../inputs/invocation-input.ts'
import { portFromInputs } from '../inputs/port-from-inputs.ts'
import { hideSecrets } from '../inputs/secrets.ts'
import { runnerLogger, settingName, settle } from '../runner.ts'
import { type Environment, thisJob } from '../this-job.ts'
import { setPayload } from './render.ts'
import { writeSummary } from './summary.ts'

/** `operation: DISPATCH`: renders an action, starts its workflow or pipeline, and can wait for its end. */
export async function dispatchInvocation(env: Environment): Promise<void> {
  checkInputs('DISPATCH')
  const signal = interruption()
  const wait = flagInput('wait', 'false') && {
    timeout: durationInput('timeout', '1h'),
    onCancel: choiceInput('onCancel', ['leave', 'cancel']),
  }
  const reportEnd = flagInput('reportWorkflowStatus', 'true') ? 'report' : 'leave'
  const propagates = flagInput('propagateFailure', 'true')
  const strict = flagInput('strict', 'false')
  const triggerData = await contextInput(env)
  const decrypted = textInput('decrypt')
    ? (await import('./decrypt.ts')).decryptFrom(triggerData.context)
    : []
  const { redactor, hide } = createGrowingRedactor(hideSecrets(triggerData.context, decrypted))
  const job = thisJob(env)
  const steps = dispatching({
    dispatcher: new Dispatcher(connections(env, hide), { http: createHttp(env) }),
    action: invocationInput(),
    triggerData,
    reporter: createReporter(triggerData, signal),
    reportEnd,
    wait: wait || undefined,
    strict,
    ownExternalRunId: job.externalRunId,
    render: renderOptions(),
    redactor,
    logger: runnerLogger,
    signal,
  })
  for (;;) {
    const step = await steps.next()
    if (step.done) return await finish(step.value, { redactor, propagates, strict })
    show(step.value, redactor)
  }
}

/** What the command reads from the environment is an input here. */
function connections(env: Environment, hide: (secrets: Iterable<string>) => void): Connections {
  const onSecret = (secret: string) => {
    setSecret(secret)
    hide([secret])
  }
  const variables = {
    ...env,
    PORT_CLIENT_ID: textInput('clientId'),
    PORT_CLIENT_SECRET: textInput('clientSecret'),
    PORT_BASE_URL: textInput('baseUrl'),
    GITHUB_TOKEN: textInput('githubToken'),
    GITHUB_APP_ID: textInput('githubAppId'),
    GITHUB_APP_PRIVATE_KEY: textInput('githubAppPrivateKey'),
    GITLAB_TOKEN: textInput('gitlabToken'),
    GITLAB_TRIGGER_TOKEN: textInput('gitlabTriggerToken'),
    GITLAB_URL: textInput('gitlabUrl'),
    PORT_DISPATCH_ALLOW_HOSTS: textInput('allowHosts'),
    KAFKA_BROKERS: textInput('kafkaBrokers'),
    KAFKA_SASL_USERNAME: textInput('kafkaUsername'),
    KAFKA_SASL_PASSWORD: textInput('kafkaPassword'),
    KAFKA_SSL_CA: textInput('kafkaCa'),
    PORT_DISPATCH_TOPIC: textInput('kafkaTopic'),
  }
  const { webhook, ...others } = connectionsFromEnvironment(variables, { onSecret })
  return {
    ...others,
    webhook: {
      ...webhook,
      timeout: durationInput('requestTimeout', '30s'),
      retry: flagInput('retryWebhook', 'false') ? 'same-key' : 'never',
    },
  }
}

function show(step: DispatchStep, redactor: Redactor): void {
  switch (step.type) {
    case 'rendered':
      setPayload(step.rendered.method, step.rendered, redactor)
      return
    case 'planned':
      for (const warning of step.plan.warnings ?? []) runnerLogger.warning(warning)
      for (const note of step.plan.notes) runnerLogger.notice(note)
      return
    case 'started': {
      const { plan, started } = step
      if (started.type !== 'run') {
        runnerLogger.info(started.message)
        return
      }
      setOutput('id', started.run.id)
      setOutput('url', started.run.url)
      const where = plan.ref === undefined ? plan.target : `${plan.target} on ${plan.ref}`
      const what = started.earlier ? 'Taking over' : 'Started'
      runnerLogger.info(`${what} ${where}: ${started.run.url}`)
      return
    }
    case 'state': {
      const { status, outcome, waitsForPerson, url } = step.state
      if (!outcome) runnerLogger.info(statusLabel(status) + (waitsForPerson ? `: ${url}` : ''))
      return
    }
    case 'concluded':
      runnerLogger.info(step.end.message)
      return
    case 'reported':
      // A failed report fails the step at its end at the earliest, so that the run is followed all the same.
      if (step.result.type === 'failed') runnerLogger.warning(reportText(step.result.error))
      else settle(step.result)
  }
}

function reportText(error: PortDispatchError): string {
  return `Could not update Port: ${formatError(error, settingName)}`
}

function createReporter({ runId }: TriggerData, signal: AbortSignal): Reporter | undefined {
  if (!hasCredentials()) {
    if (textInput('runId')) portFromInputs()
    return undefined
  }
  const port = portFromInputs()
  if (runId) {
    setOutput('runId', runId)
    return reporterFor(port, runId, { timeLimit: durationInput('reportTimeout', '30s'), signal })
  }
  if (flagInput('strict', 'false')) {
    throw badInput('runId', 'is missing, and neither the context nor the event names a Port run')
  }
  runnerLogger.notice(
    'Neither the inputs nor the event name a Port run, so nothing is reported to Port.',
  )
  return undefined
}

interface Finish {
  redactor: Redactor
  propagates: boolean
  strict: boolean
}

async function finish(
  result: DispatchResult,
  { redactor, propagates, strict }: Finish,
): Promise<void> {
  const { plan, outcome, state, lost, reported } = result
  setOutputs(result)
  await writeSummary(result, redactor)
  if (lost) throw lost
  if (propagates && outcome?.status === 'FAILURE') {
    throw new PortDispatchError(
      'BACKEND',
      `${plan.target} ended: ${outcome.statusLabel}. ${state?.url ?? ''}`.trimEnd(),
    )
  }
  if (reported === 'not-reported' && strict) {
    throw new PortDispatchError(
      'PORT',
      phrase`Could not report ${plan.target} to Port (${setting('strict')}). ${state?.url ?? ''}`,
    )
  }
}

function setOutputs({ started, state, outcome }: DispatchResult): void {
  if (started.type === 'run') setOutput('id', started.run.id)
  if (state?.url) setOutput('url', state.url)
  setOutput('status', outcome?.status ?? 'IN_PROGRESS')
  setOutput('statusLabel', outcome?.statusLabel ?? 'Running')
  if (state?.externalRunId) setOutput('externalRunId', state.externalRunId)
  if (state?.conclusion) setOutput('conclusion', state.conclusion)
}
