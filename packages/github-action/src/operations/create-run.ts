import { setOutput } from '@actions/core'
import { formatError, PortDispatchError, systemClock } from '@port-dispatch/core'
import { type NewRun, type PortClient, PortError, type PortRun } from '@port-dispatch/core/port'
import { checkInputs } from '../inputs/check-inputs.ts'
import { objectInput } from '../inputs/document-input.ts'
import { durationInput, flagInput, requiredInput, textInput } from '../inputs/inputs.ts'
import { portFromInputs } from '../inputs/port-from-inputs.ts'
import { runnerLogger, settingName } from '../runner.ts'

/** Statuses after which nothing happens any more, and which are no success. */
const FAILED = ['FAILURE', 'DECLINED']
const FIRST_POLL_MS = 1_000
const MAX_POLL_MS = 15_000
/** The look at the end of the time is a whole one. */
const LAST_READ_MS = 30_000
/** A refusal can pass: a replica does not have the run yet, an outage looks like a 404. */
const GIVE_UP_AFTER_MS = 300_000

/** `operation: CREATE_RUN`: starts a run of an action in Port, and can wait for its end. */
export async function createRun(): Promise<void> {
  checkInputs('CREATE_RUN')
  const action = requiredInput('action', 'give the identifier of the action to run')
  const entity = textInput('identifier')
  const properties = (await objectInput('properties')) ?? {}
  const wait = flagInput('wait', 'false')
  const timeout = durationInput('timeout', '1h')
  const propagates = flagInput('propagateFailure', 'true')
  const port = portFromInputs()
  const deadline = systemClock.now() + durationInput('reportTimeout', '30s')
  const started = await start(port, action, { properties, ...(entity && { entity }) }, deadline)
  setOutput('runId', started.id)
  runnerLogger.info(`Started run ${started.id} of ${action}`)
  if (!wait) {
    setOutputs(started)
    return
  }
  const ended = await waitForEnd(port, started, timeout)
  setOutputs(ended)
  const label = ended.statusLabel ? ` (${ended.statusLabel})` : ''
  const end = `Run ${ended.id} of ${action} ended with ${ended.status}${label}`
  if (propagates && FAILED.includes(ended.status)) throw new PortDispatchError('PORT', `${end}.`)
  runnerLogger.info(end)
}

async function start(
  port: PortClient,
  action: string,
  run: NewRun,
  deadline: number,
): Promise<PortRun> {
  try {
    return await port.actions.run(action, run, { deadline })
  } catch (error) {
    if (!(error instanceof PortError) || error.isRefusal) throw error
    const unknown =
      error.effect === 'unknown'
        ? ' It is unknown whether the run was started: look at the runs of the action in Port before you run this again.'
        : ''
    throw new PortDispatchError(
      'PORT',
      `The run of ${action} could not be started: ${formatError(error, settingName).replace(/\.$/, '')}.${unknown}`,
      { cause: error },
    )
  }
}

async function waitForEnd(port: PortClient, started: PortRun, timeout: number): Promise<PortRun> {
  const deadline = systemClock.now() + timeout
  let run = started
  let refusedSince: number | undefined
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.5, MAX_POLL_MS)) {
    if (run.status === 'SUCCESS' || FAILED.includes(run.status)) return run
    const left = deadline - systemClock.now()
    if (left <= 0) {
      setOutputs(run)
      throw new PortDispatchError(
        'PORT',
        `Run ${run.id} did not end within ${timeout / 1000} s (it was ${run.status}). It goes on. Give a longer timeout, or wait: false.`,
      )
    }
    await systemClock.sleep(Math.min(left, pause))
    // An outage of Port ends the waiting only if it lasts for all of it.
    const patience = Math.max(deadline, systemClock.now() + LAST_READ_MS)
    const next = await readRun(port, run.id, patience)
    if (next instanceof PortError) {
      if (refusedSince === undefined) {
        runnerLogger.warning(`${formatError(next, settingName)} Trying again.`)
      }
      refusedSince ??= systemClock.now()
      if (systemClock.now() - refusedSince >= GIVE_UP_AFTER_MS) throw next
      continue
    }
    refusedSince = undefined
    if (describe(next) !== describe(run)) runnerLogger.info(describe(next))
    run = next
  }
}

/** @returns why Port refused to show it */
async function readRun(
  port: PortClient,
  runId: string,
  deadline: number,
): Promise<PortRun | PortError> {
  try {
    return await port.runs.get(runId, { deadline })
  } catch (error) {
    if (!(error instanceof PortError && error.isRefusal)) throw error
    return error
  }
}

function describe({ status, statusLabel }: PortRun): string {
  return statusLabel ? `${status}: ${statusLabel}` : status
}

function setOutputs({ status, statusLabel, externalRunId, link }: PortRun): void {
  setOutput('status', status)
  if (statusLabel) setOutput('statusLabel', statusLabel)
  if (externalRunId) setOutput('externalRunId', externalRunId)
  const [url] = [link ?? []].flat()
  if (url) setOutput('url', url)
}
