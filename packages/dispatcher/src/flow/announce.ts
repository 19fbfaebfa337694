import { errorPhrase, PortDispatchError, phrase, setting, silentLogger } from '@port-dispatch/core'
import { isOpen, PortError, type PortRun, type Reporter } from '@port-dispatch/core/port'
import type { Plan, RunRef } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import type { DispatchOptions, DispatchStep, Progress } from './dispatch-steps.ts'
import { StoppedError, UNSETTLED_LABELS } from './errors.ts'
import { settle } from './settle.ts'

/** What stands before a start. */
export interface Announced {
  /** The Port run as it was; undefined if it could not be read. */
  before?: PortRun | undefined
  /** The run that an earlier dispatch of the Port run has started. There is nothing to start. */
  earlier?: RunRef | undefined
}

/**
 * Reports before anything is started, so that nothing is started for a run that Port does not accept, or for which an
 * earlier dispatch has started something.
 *
 * The label that is written here is what a later dispatch sees if this one is killed. Port has no compare-and-set: two
 * that both look before either of them writes do not see each other.
 */
export async function* announce(
  options: DispatchOptions,
  plan: Plan,
  progress: Progress,
): AsyncGenerator<DispatchStep, Announced> {
  progress.plan = plan
  const { reporter, signal, again, earlier = 'refuse', ifUnannounced } = options
  if (!reporter) return {}
  if (signal?.aborted) throw new StoppedError(plan.target)
  const mustKnow = (error: PortError) => error.isRefusal || ifUnannounced === 'refuse'
  const looked = earlier === 'none' || again ? undefined : await reporter.tryRead()
  // What time Port still gets is for the end.
  if (signal?.aborted) throw new StoppedError(plan.target)
  if (looked instanceof PortError && mustKnow(looked)) throw looked
  const seen = looked instanceof PortError ? undefined : looked
  if (seen) {
    refuseClosed(seen, plan)
    const run = await earlierRun(options, plan, reporter, seen)
    if (run) return { before: seen, earlier: run }
  }
  const result = await reporter.update({ statusLabel: startLabel(plan) })
  if (result.type === 'failed') {
    if (mustKnow(result.error)) throw result.error
    yield { type: 'reported', result }
    return { before: seen }
  }
  const before = result.run
  refuseClosed(before, plan)
  if (seen || !before) return { before: seen ?? before }
  return { before, earlier: await shownRun(options, plan, before, beginOf(before, reporter)) }
}

function startLabel(plan: Plan): string {
  return plan.startLabel ?? `Starting on ${plan.backend}`
}

/** The run that an earlier dispatch has started, whether Port shows it or not. */
async function earlierRun(
  options: DispatchOptions,
  plan: Plan,
  reporter: Reporter,
  seen: PortRun,
): Promise<RunRef | undefined> {
  const since = beginOf(seen, reporter)
  const shown = await shownRun(options, plan, seen, since)
  if (shown || plan.isRepeatable) return shown
  const { dispatcher, logger = silentLogger, ownExternalRunId, signal } = options
  const { statusLabel = '' } = seen
  // An agent says more in the label, such as how it received the run.
  const isSign =
    statusLabel.startsWith(startLabel(plan)) ||
    Object.values<string>(UNSETTLED_LABELS).includes(statusLabel)
  if (!isSign) return undefined
  logger.warning(
    `Port run ${seen.id} has the label "${seen.statusLabel}": an earlier dispatch may have started ${plan.target}. Looking for its run.`,
  )
  const settled = await settle({
    plan,
    portRunId: seen.id,
    since,
    reporter,
    before: seen,
    ownExternalRunId,
    clock: dispatcher.clock,
    logger,
    signal,
  })
  if (settled.type === 'unknown') throw new EarlierDispatchError(seen, plan)
  return settled.type === 'run' ? settled.run : undefined
}

/** Our clock, and Port's as we know it, differ by less than this from one moment to the next. */
const CLOCK_DRIFT_MS = 60_000

/** When a Port run began, by our clock: nothing was started for it before. */
function beginOf({ createdAt }: PortRun, { clockOffset }: Reporter): number {
  const created = Date.parse(createdAt ?? '')
  return Number.isNaN(created) ? 0 : created - clockOffset - CLOCK_DRIFT_MS
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
  if (!isOpen(run)) refuse(`has the unknown status ${run.status}`, 'Look at the run in Port.')
}

/**
 * The run of the target that the Port run shows, if it shall be taken over.
 *
 * @throws SecondRunError if it shall not, or if it cannot be found out whether what Port shows is a run of the target
 */
async function shownRun(
  { again, earlier, ownExternalRunId, signal }: DispatchOptions,
  { target, runs }: Plan,
  run: PortRun,
  since: number,
): Promise<RunRef | undefined> {
  if (again || !runs) return undefined
  // Without an external run id, because the first reading of the run failed or its id is only a guess.
  const names = run.externalRunId ? [run.externalRunId] : [run.link ?? []].flat()
  for (const name of names) {
    if (name === ownExternalRunId) continue
    let shown: RunRef | undefined
    try {
      // An action can link to an older run.
      shown = await runs.refOf(name, { ...(!run.externalRunId && { since }), signal })
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      // That work may be under way: the Port run must not end because of this failure.
      throw new SecondRunError(run.id, target, { id: name }, error)
    }
    const isOwn = ownExternalRunId !== undefined && shown?.externalRunId === ownExternalRunId
    if (!shown || isOwn) continue
    if (earlier !== 'resume') throw new SecondRunError(run.id, target, shown)
    return shown
  }
  return undefined
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
        ? phrase`${errorPhrase(cause)} Port run ${portRunId} shows ${which}, which may be a run of ${target}. Nothing was started.`
        : `Port run ${portRunId} already has a run of ${target}: ${which}. Nothing was started.`,
      { cause, advice: phrase`${setting('again')} starts another one.` },
    )
  }
}

/** An earlier dispatch of the Port run was not heard of again, and what it started is not certain. */
export class EarlierDispatchError extends PortDispatchError {
  static override readonly brand: string = 'EarlierDispatchError'
  override readonly name = 'EarlierDispatchError'

  constructor({ id, statusLabel }: PortRun, { target, page }: Plan) {
    super(
      'PORT',
      `It is unknown whether an earlier dispatch of Port run ${id} (label "${statusLabel}") started ${target}. Nothing was started.`,
      {
        advice: page
          ? phrase`Look for it at ${page}. If there is none, ${setting('again')} starts one.`
          : phrase`If it did not, ${setting('again')} starts it.`,
      },
    )
  }
}
