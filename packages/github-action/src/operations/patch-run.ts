import { setOutput } from '@actions/core'
import { type Json, PortDispatchError, systemClock } from '@port-dispatch/core'
import {
  describeReport,
  type FinalStatus,
  isFinal,
  type PortClient,
  PortError,
  type PortRun,
  type Reporter,
  type RunPatch,
  reporterFor,
} from '@port-dispatch/core/port'
import { isNodeRunId, portStatusOf } from '@port-dispatch/core/run'
import { checkInputs } from '../inputs/check-inputs.ts'
import { outputInput } from '../inputs/document-input.ts'
import { badInput, durationInput, flagInput, textInput } from '../inputs/inputs.ts'
import { asLink, linkInput } from '../inputs/links.ts'
import { portFromInputs } from '../inputs/port-from-inputs.ts'
import { hideSecrets } from '../inputs/secrets.ts'
import { runnerLogger, settingName, settle } from '../runner.ts'
import { type Environment, thisJob } from '../this-job.ts'
import { findRun } from './report/find-run.ts'

/** What the inputs want to change. */
interface Change {
  patch: RunPatch
  message: string | undefined
  output: Json | undefined
}

/** `operation: PATCH_RUN`: changes a Port run, as the operation of port-labs/port-github-action does. */
export async function patchRun(env: Environment): Promise<void> {
  checkInputs('PATCH_RUN')
  const change = await changeInputs()
  const { patch, message } = change
  const names = [...Object.keys(patch), ...(message === undefined ? [] : ['log'])]
  if (names.length === 0 && change.output === undefined) {
    // An expression that found nothing leaves such a step with nothing to say, which does not make the job fail.
    runnerLogger.notice(
      'logMessage is empty, and so are status, statusLabel, link, summary, externalRunId and output: the Port run was not changed.',
    )
    return
  }
  const port = portFromInputs()
  const runId = await findRun(env, thisJob(env))
  if (runId === undefined) return
  if (isNodeRunId(runId)) {
    if (!(await changeNodeRun(port, runId, change))) return
    if (change.output !== undefined) names.push('output')
  } else if (!(await changeRun(port, runId, change))) return
  setOutput('runId', runId)
  if (message !== undefined) setOutput('logMessage', message)
  if (patch.status) setOutput('status', patch.status)
  if (patch.statusLabel) setOutput('statusLabel', patch.statusLabel)
  if (names.length > 0) runnerLogger.info(`Changed Port run ${runId}: ${names.join(', ')}`)
}

/**
 * A run that has ended is left alone; everything else that Port refuses is an error, and so is this if `strict` is set.
 *
 * @returns whether the run was changed
 */
async function changeRun(
  port: PortClient,
  runId: string,
  { patch, message, output }: Change,
): Promise<boolean> {
  if (output !== undefined) settle({ type: 'delivered', runId, ignored: 'output' })
  if (message === undefined && Object.keys(patch).length === 0) return true
  const begin = systemClock.now()
  const deadline = begin + durationInput('reportTimeout', '30s')
  try {
    await send(port, runId, patch, message, deadline)
    return true
  } catch (error) {
    if (!(error instanceof PortError) || error.status !== 422) throw error
    const run = await port.runs.get(runId, { deadline })
    // A response that was lost was a success, and Port refused the repetition.
    if (await endedHere(port, run, { patch, message, begin, deadline })) return true
    if (!isFinal(run) || flagInput('strict', 'false')) throw error
    settle({ type: 'ended', run })
    return false
  }
}

/**
 * A node run of a workflow has calls of its own in Port's API, which the reporter knows.
 *
 * @returns as {@link changeRun}
 */
async function changeNodeRun(port: PortClient, runId: string, change: Change): Promise<boolean> {
  const timeLimit = durationInput('reportTimeout', '30s')
  const result = await reportChange(reporterFor(port, runId, { timeLimit }), change)
  if (result.type === 'failed' || (result.type === 'ended' && flagInput('strict', 'false'))) {
    const said = describeReport(result, settingName)
    throw new PortDispatchError('PORT', said?.text ?? `Could not change Port run ${runId}.`)
  }
  settle(result)
  return result.type === 'delivered'
}

async function reportChange(reporter: Reporter, { patch, message, output }: Change) {
  const { status, statusLabel, ...rest } = patch
  const change = { ...rest, ...(output !== undefined && { output }) }
  const outcome = portStatusOf(textInput('status') ?? '')
  if (outcome) {
    const label = statusLabel ?? outcome.statusLabel
    return await reporter.finish({
      ...change,
      ...outcome,
      statusLabel: label,
      message: message ?? label,
    })
  }
  const updated = reporter.update({ ...change, ...(statusLabel && { statusLabel }) })
  const logged = message === undefined ? undefined : reporter.log(message)
  const result = await updated
  return result.type === 'delivered' ? ((await logged) ?? result) : result
}

/** After the final status Port takes no change, so it goes with the last call. */
async function send(
  port: PortClient,
  runId: string,
  patch: RunPatch,
  message: string | undefined,
  deadline: number,
): Promise<void> {
  if (message === undefined) {
    await port.runs.update(runId, patch, { deadline })
    return
  }
  const { status, statusLabel, ...before } = patch
  const first = status ? before : { ...before, ...(statusLabel && { statusLabel }) }
  if (Object.keys(first).length > 0) await port.runs.update(runId, first, { deadline })
  const end = status && { terminationStatus: status, ...(statusLabel && { statusLabel }) }
  await port.runs.addLog(runId, { message, ...end }, { deadline })
}

/** Whether a run has ended as the inputs say with the message of this step, which is in its log since the step began. */
async function endedHere(
  port: PortClient,
  run: PortRun,
  {
    patch: { status, statusLabel = run.statusLabel },
    message,
    begin,
    deadline,
  }: { patch: RunPatch; message: string | undefined; begin: number; deadline: number },
): Promise<boolean> {
  if (run.status !== status || run.statusLabel !== statusLabel || message === undefined)
    return false
  return (await port.runs.isLogged(run.id, message, begin, { deadline })) === true
}

/** No credential reaches Port, whoever put it into a text. */
async function changeInputs(): Promise<Change> {
  const redactor = hideSecrets({}, [])
  const message = textInput('logMessage')
  const output = await outputInput()
  const { status, ...texts } = patchInputs()
  return {
    patch: { ...(redactor.json(texts) as RunPatch), ...(status && { status }) },
    message: message && redactor(message),
    output: output && redactor.json(output),
  }
}

function patchInputs(): RunPatch {
  const status = statusInput()
  const statusLabel = textInput('statusLabel')
  const link = asLink(linkInput())
  const summary = textInput('summary')
  const externalRunId = textInput('externalRunId')
  return {
    ...(status && { status }),
    ...(statusLabel && { statusLabel }),
    ...(link && { link }),
    ...(summary && { summary }),
    ...(externalRunId && { externalRunId }),
  }
}

/** The third is what `${{ job.status }}` can be beside the other two. */
const STATUSES: Readonly<Record<string, FinalStatus>> = {
  SUCCESS: 'SUCCESS',
  FAILURE: 'FAILURE',
  CANCELLED: 'FAILURE',
}

function statusInput(): FinalStatus | undefined {
  const text = textInput('status')
  if (text === undefined) return undefined
  const status = STATUSES[text.toUpperCase()]
  if (status) return status
  throw badInput(
    'status',
    `found "${text}"; expected SUCCESS or FAILURE, which end the run. For a run that goes on give a statusLabel`,
  )
}
