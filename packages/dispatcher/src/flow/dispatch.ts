import { type Clock, type Logger, PortDispatchError } from '@port-dispatch/core'
import {
  PortError,
  type PortRun,
  type ReportResult,
  type RunPatch,
  type RunReporter,
  tellReport,
} from '@port-dispatch/core/port'
import { isKnownStatus, type Outcome, statusLabel } from '@port-dispatch/core/run'
import type { Backend, CiRun, Plan, RunState } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { type Conclusion, conclude } from './conclude.ts'
import { endAsNotStarted } from './end-as-not-started.ts'
import { type Followed, follow } from './follow.ts'
import { startOnce } from './start-once.ts'
import { StoppedError } from './stopped-error.ts'

export interface DispatchOptions {
  backend: Backend
  /** What {@link Backend.plan} gave. */
  plan: Plan
  clock: Clock
  logger: Logger
  /** Reports to Port; without one nothing is reported. */
  reporter?: RunReporter | undefined
  /** Whether the end of the run ends the Port run too (`reportWorkflowStatus`). */
  reportEnd: 'report' | 'leave'
  /** Follows the run to its end; without it the dispatch is done once the run has started. */
  wait?: WaitOptions | undefined
  /** Called as soon as the run has started, whatever comes after. */
  onStarted?: ((run: CiRun) => void) | undefined
  /** Stops the waiting when aborted. */
  signal?: AbortSignal | undefined
}

export interface WaitOptions {
  /** Milliseconds. */
  timeout: number
  /** What becomes of the run when the signal is aborted. */
  onCancel: 'cancel' | 'leave'
  /** Whether to go on while the run waits for a person. Default `wait`. */
  onManual?: 'wait' | 'stop' | undefined
}

export interface DispatchResult {
  run: CiRun
  state: RunState
  /** Missing if the run was not followed to its end. */
  outcome?: Outcome
  /** Whether Port knows all it should. */
  reported: 'reported' | 'not-reported' | 'not-asked'
}

/**
 * Starts a run, tells Port where it is, follows it, and tells Port how it ended.
 *
 * @throws BackendError if it could not be started (the Port run then ends as a failure), PortError if Port refuses
 *   the run before anything is started
 */
export async function dispatch(options: DispatchOptions): Promise<DispatchResult> {
  const { backend, plan, reporter, logger, wait, signal } = options
  const portRun = await announce(options)
  if (signal?.aborted) {
    const error = new StoppedError(plan.target)
    await endAsNotStarted(reporter, error, logger)
    throw error
  }
  const run = await start(options)
  logger.info(`Started ${plan.target} on ${plan.ref}: ${run.url}`)
  options.onStarted?.(run)
  const state = await firstState(backend, run, logger)
  const linked = await reporter?.update(whereItRuns(state, portRun))
  if (linked) tellReport(linked, logger)
  if (wait) return await waitFor({ ...options, wait }, run, state)
  return { run, state, reported: reportedOf(linked) }
}

/** Tells Port before anything is started, so that nothing is started for a run that Port does not accept. */
async function announce(options: DispatchOptions): Promise<PortRun | undefined> {
  const { reporter, backend, plan, logger } = options
  const result = await reporter?.update({ statusLabel: `Starting on ${backend.name}` })
  if (result?.type === 'ended') {
    throw new PortDispatchError(
      'PORT',
      `Run ${result.run.id} already ended with ${result.run.status}, so ${plan.target} was not started. Start a new run in Port, or dispatch without reporting (--no-report).`,
    )
  }
  if (result?.type === 'failed' && result.error instanceof PortError && result.error.status < 500) {
    throw result.error
  }
  if (result) tellReport(result, logger)
  return result?.type === 'delivered' ? result.run : undefined
}

async function start(options: DispatchOptions): Promise<CiRun> {
  try {
    return await startOnce(options)
  } catch (error) {
    if (error instanceof PortDispatchError) {
      await endAsNotStarted(options.reporter, error, options.logger)
    }
    throw error
  }
}

async function firstState(backend: Backend, run: CiRun, logger: Logger): Promise<RunState> {
  const known: RunState = { status: 'created', ...run }
  if (!backend.canRead) return known
  try {
    return await backend.read(run)
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    logger.warning(error.message)
    return known
  }
}

/** A run that others report on too keeps its external run id and its links. */
function whereItRuns(state: RunState, portRun: PortRun | undefined): Omit<RunPatch, 'status'> {
  const before = [portRun?.link ?? []].flat()
  const links = [...new Set([...before, state.url])]
  return {
    link: links.length === 1 ? state.url : links,
    ...(state.externalRunId && !portRun?.externalRunId && { externalRunId: state.externalRunId }),
    statusLabel: 'Running',
  }
}

async function waitFor(
  options: DispatchOptions & { wait: WaitOptions },
  run: CiRun,
  first: RunState,
): Promise<DispatchResult> {
  const { backend, reporter, logger, clock, signal, wait } = options
  let followed: Followed
  try {
    followed = await follow(backend, run, first, {
      clock,
      logger,
      signal,
      timeout: wait.timeout,
      onManual: wait.onManual,
      onChange: (state) => {
        if (!state.outcome) logger.info(describeState(state))
      },
    })
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    await reporter?.finish({
      status: 'FAILURE',
      statusLabel: 'Lost sight of it',
      message: `${error.message} ${first.url}`,
    })
    throw error
  }
  const { state } = followed
  const conclusion = await conclude(options, run, followed)
  logger.info(conclusion.message)
  const leftToItself = followed.type === 'ended' && options.reportEnd === 'leave'
  const told = leftToItself ? undefined : await tellEnd(reporter, conclusion)
  if (told) tellReport(told, logger)
  const { outcome } = conclusion
  return { run, state, ...(outcome && { outcome }), reported: reportedOf(told) }
}

async function tellEnd(
  reporter: RunReporter | undefined,
  { outcome, openLabel, message }: Conclusion,
): Promise<ReportResult | undefined> {
  if (openLabel !== undefined) return await reporter?.update({ statusLabel: openLabel })
  return outcome && (await reporter?.finish({ ...outcome, message }))
}

function describeState({ status, waitsForPerson, url }: RunState): string {
  if (waitsForPerson) return `${statusLabel(status)}: ${url}`
  return isKnownStatus(status)
    ? statusLabel(status)
    : `${status} (not a status that this version knows; waiting on)`
}

function reportedOf(result: ReportResult | undefined): DispatchResult['reported'] {
  if (!result) return 'not-asked'
  return result.type === 'failed' ? 'not-reported' : 'reported'
}
