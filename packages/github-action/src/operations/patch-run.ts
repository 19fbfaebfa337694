import { setOutput } from '@actions/core'
import { systemClock } from '@port-dispatch/core'
import {
  type FinalStatus,
  isFinal,
  type PortClient,
  PortError,
  type RunPatch,
} from '@port-dispatch/core/port'
import { checkInputs } from '../inputs/check-inputs.ts'
import { badInput, durationInput, flagInput, textInput } from '../inputs/inputs.ts'
import { asLink, linkInput } from '../inputs/links.ts'
import { portFromInputs } from '../inputs/port-from-inputs.ts'
import { runnerLogger, settle } from '../runner.ts'
import { type Environment, thisJob } from '../this-job.ts'
import { findRun } from './report/find-run.ts'

/** `operation: PATCH_RUN`: changes a Port run, as the operation of port-labs/port-github-action does. */
export async function patchRun(env: Environment): Promise<void> {
  checkInputs('PATCH_RUN')
  const patch = patchInputs()
  const message = textInput('logMessage')
  if (message === undefined && Object.keys(patch).length === 0) {
    // An expression that found nothing leaves such a step with nothing to say, which does not make the job fail.
    runnerLogger.notice(
      'logMessage is empty, and so are status, statusLabel, link, summary and externalRunId: the Port run was not changed.',
    )
    return
  }
  const port = portFromInputs()
  const runId = await findRun(env, thisJob(env))
  if (runId === undefined) return
  const deadline = systemClock.now() + durationInput('reportTimeout', '30s')
  try {
    await send(port, runId, patch, message, deadline)
  } catch (error) {
    await passIfEnded(port, runId, error)
    return
  }
  setOutput('runId', runId)
  if (message !== undefined) setOutput('logMessage', message)
  if (patch.status) setOutput('status', patch.status)
  if (patch.statusLabel) setOutput('statusLabel', patch.statusLabel)
  runnerLogger.info(
    `Changed Port run ${runId}: ${[...Object.keys(patch), ...(message ? ['log'] : [])].join(', ')}`,
  )
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

/** A run that ended before is left alone; everything else is an error, and so is this one if `strict` is set. */
async function passIfEnded(port: PortClient, runId: string, error: unknown): Promise<void> {
  if (!(error instanceof PortError) || error.status !== 422) throw error
  const run = await port.runs.get(runId)
  if (!isFinal(run) || flagInput('strict', 'false')) throw error
  settle({ type: 'ended', run })
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
