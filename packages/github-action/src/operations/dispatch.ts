import { setOutput } from '@actions/core'
import { PortDispatchError, systemClock } from '@port-dispatch/core'
import type { TriggerData } from '@port-dispatch/core/action'
import { RunReporter } from '@port-dispatch/core/port'
import { type DispatchResult, dispatch, prepareDispatch } from '@port-dispatch/dispatcher'
import { interruption } from '@port-dispatch/dispatcher/host'
import { checkInputs } from '../inputs/check-inputs.ts'
import { contextInput } from '../inputs/context-input.ts'
import { badInput, choiceInput, durationInput, flagInput, textInput } from '../inputs/inputs.ts'
import { hasCredentials, invocationInput } from '../inputs/invocation-input.ts'
import { portFromInputs } from '../inputs/port-from-inputs.ts'
import { censorSecrets } from '../inputs/secrets.ts'
import { runnerLogger } from '../runner-logger.ts'
import type { Environment } from '../this-job.ts'
import { decryptFrom } from './decrypt.ts'
import { writeSummary } from './summary.ts'
import { tellFailures } from './tell-failures.ts'

/** `operation: DISPATCH`: renders an action, starts its workflow or pipeline, and can wait for its end. */
export async function dispatchInvocation(env: Environment): Promise<void> {
  checkInputs('DISPATCH')
  const signal = interruption()
  const wait = flagInput('wait', 'false') && {
    timeout: durationInput('timeout', '1h'),
    onCancel: choiceInput('onCancel', ['leave', 'cancel']),
  }
  const reportsEnd = flagInput('reportWorkflowStatus', 'true')
  const propagates = flagInput('propagateFailure', 'true')
  const triggerData = await contextInput(env)
  const censor = censorSecrets(triggerData.context, decryptFrom(triggerData.context))
  const reporter = createReporter(triggerData)
  const { method, backend, plan } = await prepareDispatch({
    load: invocationInput,
    triggerData,
    env: backendEnvironment(env),
    logger: runnerLogger,
    reporter,
    onMistake: 'end-run',
    purpose: wait ? 'follow' : 'start',
    onRendered: ({ method, failures, notes }) => {
      setOutput('payload', JSON.stringify(method))
      tellFailures(failures, notes)
    },
  })
  const methodReportsEnd = method.type !== 'GITHUB' || method.reportWorkflowStatus
  const result = await dispatch({
    backend,
    plan,
    reporter,
    reportEnd: reportsEnd && methodReportsEnd ? 'report' : 'leave',
    clock: systemClock,
    logger: runnerLogger,
    onStarted: ({ id, url }) => {
      setOutput('id', id)
      setOutput('url', url)
    },
    ...(wait && { wait }),
    signal,
  })
  setOutputs(result)
  await writeSummary(plan, result, censor)
  const { outcome, state, reported } = result
  if (propagates && outcome?.status === 'FAILURE') {
    throw new PortDispatchError(
      'BACKEND',
      `${plan.target} ended: ${outcome.statusLabel}. ${state.url}`,
    )
  }
  if (reported === 'not-reported' && flagInput('strict', 'false')) {
    throw new PortDispatchError(
      'PORT',
      `Port could not be told of ${plan.target} (strict). ${state.url}`,
    )
  }
}

/** What the command reads from the environment is an input here. */
function backendEnvironment(env: Environment): Environment {
  return {
    ...env,
    GITHUB_TOKEN: textInput('githubToken'),
    GITLAB_TOKEN: textInput('gitlabToken'),
    GITLAB_TRIGGER_TOKEN: textInput('gitlabTriggerToken'),
    GITLAB_URL: textInput('gitlabUrl'),
  }
}

function createReporter({ runId }: TriggerData): RunReporter | undefined {
  if (!hasCredentials()) {
    if (textInput('runId')) portFromInputs()
    return undefined
  }
  const port = portFromInputs()
  if (runId) {
    setOutput('runId', runId)
    return new RunReporter(port, runId, { timeLimit: durationInput('reportTimeout', '30s') })
  }
  if (flagInput('strict', 'false')) {
    throw badInput('runId', 'is missing, and neither the context nor the event names a Port run')
  }
  runnerLogger.notice(
    'Neither the inputs nor the event name a Port run, so nothing is reported to Port.',
  )
  return undefined
}

function setOutputs({ run, state, outcome }: DispatchResult): void {
  setOutput('id', run.id)
  setOutput('url', state.url)
  setOutput('status', outcome?.status ?? 'IN_PROGRESS')
  setOutput('statusLabel', outcome?.statusLabel ?? 'Running')
  if (state.externalRunId) setOutput('externalRunId', state.externalRunId)
  if (state.conclusion) setOutput('conclusion', state.conclusion)
}
