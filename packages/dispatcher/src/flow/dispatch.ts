import { type Logger, PortDispatchError, silentLogger } from '@port-dispatch/core'
import {
  type Action,
  type RenderedInvocation,
  renderInvocationMethod,
  type TriggerData,
} from '@port-dispatch/core/action'
import { PortError, type PortRun, type Reporter, type ReportResult } from '@port-dispatch/core/port'
import type { Outcome } from '@port-dispatch/core/run'
import type { RenderOptions } from '@port-dispatch/core/template'
import { createRedactor, type Redactor, sanitize, secretsOf } from '@port-dispatch/core/text'
import type { Plan, RunRef, RunState } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { unlessAborted } from '../backends/unless-aborted.ts'
import { conclude, type End } from './conclude.ts'
import type { Dispatcher } from './dispatcher.ts'
import { StoppedError, StrictError, UnsettledError } from './errors.ts'
import { type Followed, following } from './follow.ts'
import { type StartedOnce, startOnce } from './start-once.ts'

export interface DispatchOptions {
  dispatcher: Dispatcher
  /** What to run. A promise that fails ends the Port run like every other failure before the start. */
  action: Action | Promise<Action>
  triggerData: TriggerData
  /** Reports to Port; without one nothing is reported. */
  reporter?: Reporter | undefined
  /** Whether the end of the run ends the Port run; the action's `reportWorkflowStatus` must agree. Default `report`. */
  reportEnd?: 'report' | 'leave' | undefined
  /** Follows the run to its end; without it the dispatch is done once the run has started. */
  wait?: WaitOptions | undefined
  /** Refuses a payload in which an expression failed. */
  strict?: boolean | undefined
  /**
   * What a mistake in action, context or settings does to the Port run: in CI nobody is there to mend it and the run
   * ends; a person at a terminal mends it and tries again. Default `end-run`.
   */
  onMistake?: 'end-run' | 'leave-run' | undefined
  /** Starts another run for a Port run that already has one. */
  again?: boolean | undefined
  /** The run that this process is part of, which is not one that was dispatched before. */
  ownExternalRunId?: string | undefined
  render?: RenderOptions | undefined
  logger?: Logger | undefined
  /** Hides secrets in what is reported to Port. Default: what the context has below `secrets`. */
  redactor?: Redactor | undefined
  /** Before the start it prevents it; after it, it ends the waiting. */
  signal?: AbortSignal | undefined
}

export interface WaitOptions {
  /** Milliseconds. */
  timeout: number
  /** What to do with the run if waiting is interrupted or times out. */
  onCancel: 'cancel' | 'leave'
  /** Whether to go on while the run waits for a person. Default `wait`. */
  onManual?: 'wait' | 'stop' | undefined
}

export interface DispatchResult {
  plan: Plan
  started: StartedOnce
  /** Missing if what was started cannot be followed. */
  state?: RunState
  /** Missing if the run was not followed to its end. */
  outcome?: Outcome
  /** The backend stopped showing the run. */
  lost?: BackendError
  /** Whether Port knows all it should. */
  reported: 'reported' | 'not-reported' | 'not-requested'
}

/** What has happened, in order, for whoever shows it. */
export type DispatchStep =
  | { type: 'rendered'; rendered: RenderedInvocation }
  | { type: 'planned'; plan: Plan }
  | { type: 'started'; plan: Plan; started: StartedOnce }
  | { type: 'state'; state: RunState }
  | { type: 'concluded'; end: End }
  | { type: 'reported'; result: ReportResult; status?: Outcome }

/**
 * Renders an action, starts what it names, reports where it runs, follows it, and reports how it ended.
 *
 * @throws PortDispatchError of any kind. What prevents the start ends the Port run as a failure.
 */
export async function dispatch(options: DispatchOptions): Promise<DispatchResult> {
  const steps = dispatching(options)
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}

/** As {@link dispatch}, and yields what happens. */
export async function* dispatching(
  options: DispatchOptions,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { reporter } = options
  const progress: Progress = { reported: 'not-requested' }
  try {
    const plan = yield* planning(options)
    const before = yield* announce(options, plan, progress)
    return yield* run(options, plan, before, progress)
  } catch (thrown) {
    const { signal } = options
    const isStop = signal?.aborted && thrown === signal.reason && !progress.started
    const error = isStop ? new StoppedError(progress.plan?.target) : thrown
    const end = endOfError(error, options, progress)
    if (end && reporter) yield* report(reporter, clean(end, options), progress)
    throw error
  }
}

/** What is known at a moment, for the one place that decides what an error does to the Port run. */
interface Progress {
  plan?: Plan
  started?: StartedOnce
  reported: DispatchResult['reported']
}

/** Renders and plans. Sends nothing that starts anything. */
export async function* planning(
  options: Pick<
    DispatchOptions,
    'action' | 'triggerData' | 'render' | 'strict' | 'dispatcher' | 'signal' | 'wait' | 'reporter'
  >,
): AsyncGenerator<DispatchStep, Plan> {
  const { dispatcher, triggerData, strict, signal, reporter } = options
  const action = await options.action
  const rendered = await renderInvocationMethod(action, triggerData, options.render)
  yield { type: 'rendered', rendered }
  if (strict && rendered.failures.length > 0) throw new StrictError(rendered.failures)
  if (signal?.aborted) throw new StoppedError(undefined)
  const plan = await dispatcher.plan(rendered.method, {
    inputs: triggerData.context.inputs,
    context: triggerData.context,
    portRunId: reporter?.runId ?? triggerData.runId,
    signal,
    follow: options.wait !== undefined,
  })
  yield { type: 'planned', plan }
  return plan
}

/** Reports before anything is started, so that nothing is started for a run that Port does not accept. */
async function* announce(
  options: DispatchOptions,
  plan: Plan,
  progress: Progress,
): AsyncGenerator<DispatchStep, PortRun | undefined> {
  progress.plan = plan
  const { reporter, signal } = options
  if (!reporter) return undefined
  if (signal?.aborted) throw new StoppedError(plan.target)
  const result = await reporter.update({
    statusLabel: plan.startLabel ?? `Starting on ${plan.backend}`,
  })
  if (result.type === 'failed') {
    if (result.error instanceof PortError && result.error.isRefusal) throw result.error
    yield { type: 'reported', result }
    return undefined
  }
  refuseClosed(result.run, plan)
  if (result.run) await refuseSecond(options, plan, result.run)
  return result.run
}

/** @throws PortDispatchError if nothing may be started for the run: it ended, waits for approval, or was declined */
function refuseClosed(run: PortRun | undefined, { target }: Plan): void {
  if (!run) return
  const refuse = (why: string, what: string) => {
    throw new PortDispatchError(
      'PORT',
      `Port run ${run.id} ${why}, so ${target} was not started.`,
      {
        advice: what,
      },
    )
  }
  if (run.status === 'SUCCESS' || run.status === 'FAILURE') {
    refuse(`already ended with ${run.status}`, 'Start a new run in Port.')
  }
  if (run.status === 'WAITING_FOR_APPROVAL')
    refuse('waits for approval', 'Approve it in Port first.')
  if (run.status === 'DECLINED') refuse('was declined', 'Start a new run in Port.')
}

/** @throws SecondRunError if the Port run has a run of this target, or if it cannot be found out whether it has */
async function refuseSecond(
  { again, ownExternalRunId, signal }: DispatchOptions,
  { target, runs }: Plan,
  { id, externalRunId }: PortRun,
): Promise<void> {
  if (again || !externalRunId || externalRunId === ownExternalRunId) return
  let run: RunRef | undefined
  try {
    run = await runs?.refOf(externalRunId, { signal })
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    // That work may be under way: the Port run must not end because of this failure.
    throw new SecondRunError(id, target, { id: externalRunId }, error)
  }
  if (run) throw new SecondRunError(id, target, run)
}

async function* run(
  options: DispatchOptions,
  plan: Plan,
  before: PortRun | undefined,
  progress: Progress,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { reporter, triggerData, signal, dispatcher, logger = silentLogger, wait } = options
  const begin = dispatcher.clock.now()
  const started = await startOnce({
    plan,
    reporter,
    portRunId: reporter?.runId ?? triggerData.runId,
    before,
    ownExternalRunId: options.ownExternalRunId,
    clock: dispatcher.clock,
    logger,
    signal,
  })
  progress.started = started
  yield { type: 'started', plan, started }
  switch (started.type) {
    case 'accepted':
      if (reporter) yield* accept(reporter, clean(started, options).message, progress)
      return { plan, started, reported: progress.reported }
    case 'ended': {
      const { outcome, message } = clean(started, options)
      if (reporter && started.response !== undefined) {
        // A receiver can repeat what it was sent.
        const response = redactorOf(options).json(started.response)
        const result = await reporter.saveResponse(response)
        note(progress, result)
        yield { type: 'reported', result }
      }
      if (endsPortRun(options, plan)) yield* finish(options, { outcome, message }, progress)
      else if (reporter) yield* accept(reporter, message, progress)
      return { plan, started, outcome, reported: progress.reported }
    }
    case 'run': {
      const state = yield* link(options, plan, started, before, progress)
      if (wait && plan.runs) {
        return yield* waitFor(
          { ...options, wait },
          { plan, runs: plan.runs, started, begin, before },
          state,
          progress,
        )
      }
      return { plan, started, state, reported: progress.reported }
    }
  }
}

async function* accept(
  reporter: Reporter,
  message: string,
  progress: Progress,
): AsyncGenerator<DispatchStep, void> {
  const result = await reporter.log(message)
  note(progress, result)
  yield { type: 'reported', result }
}

/** The first look at a run gives its external run id; the link does not wait for it. */
const FIRST_READ_WITHIN_MS = 2_000

/** Reports where the run is. A Port run that others report on too keeps its external run id and its links. */
async function* link(
  options: DispatchOptions,
  plan: Plan,
  started: { run: RunRef; guess?: true },
  before: PortRun | undefined,
  progress: Progress,
): AsyncGenerator<DispatchStep, RunState> {
  const { run } = started
  const state = await firstState(options, plan, run)
  const { reporter } = options
  if (!reporter) return state
  const links = [...new Set([...[before?.link ?? []].flat(), ...(state.url ? [state.url] : [])])]
  // What is only a guess must not stand where the work itself would write its own id.
  const externalRunId = started.guess || before?.externalRunId ? undefined : state.externalRunId
  const result = await reporter.update({
    ...(links.length > 0 && { link: links.length === 1 ? `${links[0]}` : links }),
    ...(externalRunId && { externalRunId }),
    statusLabel: 'Running',
  })
  note(progress, result)
  yield { type: 'reported', result }
  return state
}

async function firstState(
  { dispatcher, logger = silentLogger, signal }: DispatchOptions,
  { runs }: Plan,
  run: RunRef,
): Promise<RunState> {
  const known: RunState = { status: 'created', url: '', ...run }
  if (!runs || signal?.aborted) return known
  const limit = dispatcher.clock.timeout(FIRST_READ_WITHIN_MS)
  try {
    return await runs.read(run, signal ? AbortSignal.any([signal, limit]) : limit)
  } catch (error) {
    if (error instanceof BackendError) logger.warning(error.message)
    else if (!signal?.aborted && !limit.aborted) throw error
    return known
  }
}

/** A look at Port, and one at the backend. */
const CORRECTED_WITHIN_MS = 3_000

interface Running {
  plan: Plan
  runs: NonNullable<Plan['runs']>
  started: { type: 'run'; run: RunRef; guess?: true }
  /** When the start began, by our clock, and how the Port run was then; undefined if it could not be read. */
  begin: number
  before: PortRun | undefined
}

async function* waitFor(
  options: DispatchOptions & { wait: WaitOptions },
  running: Running,
  first: RunState,
  progress: Progress,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { dispatcher, logger = silentLogger, signal, wait } = options
  const { plan, runs, started } = running
  const { clock } = dispatcher
  const until = clock.now() + wait.timeout
  const follow = (run: RunRef, state: RunState) =>
    watching(runs, run, state, { ...wait, timeout: until - clock.now(), clock, logger, signal })
  let { run } = started
  let followed = yield* follow(run, first)
  const correction = started.guess && (await yieldToReported(options, running))
  if (correction) {
    logger.warning(`The run reported itself as ${correction.run.url}: the guess was wrong.`)
    run = correction.run
    const state = yield* link(options, plan, { run }, correction.portRun, progress)
    followed = yield* follow(run, state)
  }
  const end = await conclude(
    { plan, runs, clock, logger, ...wait, endsPortRun: endsPortRun(options, plan) },
    run,
    followed,
  )
  yield { type: 'concluded', end }
  const reported = yield* finish(options, end, progress, followed)
  const { outcome } = end
  return {
    plan,
    started: { ...started, run },
    state: followed.state,
    ...(outcome && { outcome }),
    ...(followed.type === 'lost' && { lost: followed.error }),
    reported,
  }
}

async function* watching(
  ...parameters: Parameters<typeof following>
): AsyncGenerator<DispatchStep, Followed> {
  const states = following(...parameters)
  for (;;) {
    const step = await states.next()
    if (step.done) return step.value
    yield { type: 'state', state: step.value }
  }
}

/**
 * A guess yields to the run that the work itself reported to Port meanwhile.
 *
 * @returns undefined if there is none, or if that cannot be found out
 */
async function yieldToReported(
  { reporter, dispatcher, ownExternalRunId, logger = silentLogger }: DispatchOptions,
  { runs, started: { run: guess }, begin, before }: Running,
): Promise<{ run: RunRef; portRun: PortRun } | undefined> {
  // A stop does not prevent this: the end of the wrong run must not be reported.
  const limit = dispatcher.clock.timeout(CORRECTED_WITHIN_MS)
  try {
    const portRun = await unlessAborted(Promise.resolve(reporter?.read()), limit)
    const { externalRunId } = portRun ?? {}
    const known = [guess.externalRunId, before?.externalRunId, ownExternalRunId]
    if (!portRun || !externalRunId || known.includes(externalRunId)) return undefined
    const run = await runs.refOf(externalRunId, { since: begin, signal: limit })
    const link = [portRun.link ?? []].flat().filter((url) => url !== guess.url)
    return run && { run, portRun: { ...portRun, link } }
  } catch (error) {
    if (error instanceof BackendError) logger.warning(error.message)
    else if (!limit.aborted) throw error
    return undefined
  }
}

function endsPortRun({ reportEnd = 'report' }: DispatchOptions, plan: Plan): boolean {
  return reportEnd === 'report' && plan.endsPortRun
}

/** Reports an end. A run that ended and whose Port run something else ends is left alone. */
async function* finish(
  options: DispatchOptions,
  end: End,
  progress: Progress,
  followed?: Followed,
): AsyncGenerator<DispatchStep, DispatchResult['reported']> {
  const { reporter } = options
  const plan = progress.plan
  const isLeft = followed?.type === 'ended' && plan && !endsPortRun(options, plan)
  if (reporter && !isLeft) yield* report(reporter, clean(end, options), progress)
  return progress.reported
}

async function* report(
  reporter: Reporter,
  { outcome, openLabel, message }: End,
  progress: Progress,
): AsyncGenerator<DispatchStep, void> {
  if (openLabel !== undefined) {
    for (const send of [
      () => reporter.update({ statusLabel: openLabel }),
      () => reporter.log(message),
    ]) {
      const result = await send()
      note(progress, result)
      yield { type: 'reported', result }
    }
  } else if (outcome) {
    const result = await reporter.finish({ ...outcome, message })
    note(progress, result)
    yield { type: 'reported', result, status: outcome }
  }
}

/** Text of others can hold what it was sent: no secret reaches Port, nor what only a terminal understands. */
function clean<Said extends { message: string; outcome?: Outcome }>(
  said: Said,
  options: Pick<DispatchOptions, 'redactor' | 'triggerData'>,
): Said {
  const redact = redactorOf(options)
  const { outcome } = said
  return {
    ...said,
    message: sanitize(redact(said.message).split('\n')),
    ...(outcome && {
      outcome: { ...outcome, statusLabel: sanitize(redact(outcome.statusLabel)) },
    }),
  }
}

function redactorOf({
  redactor,
  triggerData,
}: Pick<DispatchOptions, 'redactor' | 'triggerData'>): Redactor {
  return redactor ?? createRedactor(secretsOf(triggerData.context))
}

function note(progress: Progress, result: ReportResult): void {
  progress.reported = result.type === 'failed' ? 'not-reported' : 'reported'
}

/** The Port run already has a run of this target. */
export class SecondRunError extends PortDispatchError {
  static override readonly brand: string = 'SecondRunError'
  override readonly name = 'SecondRunError'

  /** @param cause why it is not known whether the run is one of the target */
  constructor(portRunId: string, target: string, run: RunRef, cause?: BackendError) {
    const which = run.url ?? run.id
    super(
      'PORT',
      cause
        ? `${cause.message} Port run ${portRunId} has the external run ID ${which}, which may be a run of ${target}. Nothing was started.`
        : `Port run ${portRunId} already has a run of ${target}: ${which}. Nothing was started.`,
      { cause, advice: [{ setting: 'again' }, ' starts another one.'] },
    )
  }
}

/**
 * What an error does to the Port run. A run whose work was not started ends, so that it does not stay in progress for
 * ever and its page says why; a refusal by Port itself is not reported: Port would refuse the report too.
 */
function endOfError(
  error: unknown,
  options: Pick<DispatchOptions, 'onMistake' | 'reportEnd'>,
  { plan, started }: Progress,
): End | undefined {
  const code = error instanceof PortDispatchError ? error.code : undefined
  const message = error instanceof PortDispatchError ? error.message : `Unexpected error: ${error}`
  const failed = (statusLabel: string): End => ({
    outcome: { status: 'FAILURE', statusLabel },
    message,
  })
  const mayGoOn = plan !== undefined && !endsPortRun(options as DispatchOptions, plan)
  if (error instanceof UnsettledError) {
    const statusLabel = UNSETTLED_LABELS[error.why]
    return mayGoOn ? { openLabel: statusLabel, message } : failed(statusLabel)
  }
  if (started) {
    return mayGoOn ? { openLabel: 'Status unavailable', message } : failed('Status unavailable')
  }
  if (code === 'PORT') return undefined
  if (code === 'STOPPED') return failed('Cancelled')
  if (error instanceof BackendError) return failed(error.label ?? 'Not started')
  const isMistake = code === 'INPUT' || code === 'STRICT' || code === 'LIMIT'
  if (isMistake && options.onMistake === 'leave-run') return undefined
  return failed('Not started')
}

const UNSETTLED_LABELS: Record<UnsettledError['why'], string> = {
  lost: 'Unknown whether it started',
  'not-shown': 'Started, run unknown',
  which: 'Started, unknown which run',
  stopped: 'Unknown whether it started',
}
