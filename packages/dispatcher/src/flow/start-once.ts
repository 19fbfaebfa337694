import { type Clock, explain, type Logger, silentLogger, systemClock } from '@port-dispatch/core'
import type { Found, RunRef, Search, Started } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { StoppedError, UnsettledError } from './errors.ts'
import { type LookOptions, lookForRun } from './settle.ts'

export interface StartOptions extends LookOptions {
  /** The Port run that the start is for. Runs of it are recognised by it. */
  portRunId?: string | undefined
  /** Before the start it prevents it; after it, it ends the search for the run. */
  signal?: AbortSignal | undefined
  /** Prevents the start, instead of `signal`. */
  startSignal?: AbortSignal | undefined
}

type Start = StartOptions & { clock: Clock; logger: Logger }

/** What was started. A run that is a `guess` may be another's; one that is `earlier` was started by another dispatch. */
export type StartedOnce = Exclude<Started, { type: 'unnamed' }> & { guess?: true; earlier?: true }

/** With the seconds that the response is awaited, and the report, it must be less than five seconds. */
const LAST_LOOK_WITHIN_MS = 1_500

/**
 * Starts what a plan names, once.
 *
 * A request whose response was lost is never sent again. The run is then adopted only with proof: it carries our Port run
 * id, or it reported itself to our Port run. Where a server accepts a start and does not name the run, and no run can
 * carry the Port run id, a guess is made after every run of that moment must have become visible, and only if there is
 * exactly one that is certainly no other Port run's.
 *
 * @throws BackendError (effect `none`) if nothing was started, StoppedError if the signal was aborted before,
 *   UnsettledError if it is not known what was started
 */
export async function startOnce(options: StartOptions): Promise<StartedOnce> {
  const { plan, clock = systemClock, logger = silentLogger, portRunId, before } = options
  const { startSignal = options.signal } = options
  if (startSignal?.aborted) throw new StoppedError(plan.target)
  const sent = clock.now()
  let failure: BackendError | undefined
  try {
    const started = await plan.start(startSignal)
    if (started.type !== 'unnamed') return started
  } catch (error) {
    if (startSignal?.aborted && error === startSignal.reason) throw new StoppedError(plan.target)
    if (!(error instanceof BackendError) || error.effect === 'none') throw error
    failure = error
    if (plan.runs)
      logger.warning(`${explain(failure, logger)} Looking for the run that it may have started.`)
  }
  const answered = clock.now()
  const externalRunIdBefore = before?.externalRunId
  return await settleStart(
    { ...options, clock, logger },
    { portRunId, sent, answered, externalRunIdBefore },
    failure,
  )
}

/** @param failure why the response was lost; undefined if the start was accepted */
async function settleStart(
  options: Start,
  search: Search,
  failure: BackendError | undefined,
): Promise<StartedOnce> {
  const { plan, reporter, signal } = options
  const { runs } = plan
  const unsettled = failure ? 'lost' : 'not-shown'
  // Without a Port run nothing can be a proof, and a start that is only perhaps one cannot be guessed.
  const isProvable = search.portRunId !== undefined || reporter !== undefined
  if (!runs || (failure && !isProvable)) throw new UnsettledError(unsettled, plan, failure)
  const until = search.answered + runs.appearsWithin(failure ? 'lost' : 'unnamed')
  let last: Found | undefined
  try {
    const looked = await lookForRun({ ...options, runs }, search, until)
    if (looked.run) return { type: 'run', run: looked.run }
    last = looked.found
  } catch (error) {
    if (signal?.aborted) return await lookOnce(options, search, failure)
    throw error
  }
  if (failure || !last || last.marked) throw new UnsettledError(unsettled, plan, failure)
  return await guess(options, last)
}

/** One more look after an abort: who stops should know what is left behind. */
async function lookOnce(
  { plan, clock }: Start,
  search: Search,
  failure: BackendError | undefined,
): Promise<StartedOnce> {
  const found = await plan.runs
    ?.find(search, clock.timeout(LAST_LOOK_WITHIN_MS))
    .catch(() => undefined)
  if (found?.ours) return { type: 'run', run: found.ours }
  throw new UnsettledError('stopped', plan, failure)
}

async function guess(
  { plan, logger, reporter }: Start,
  { candidates, isWhole }: Found,
): Promise<StartedOnce> {
  const open: RunRef[] = []
  for (const run of candidates) {
    const owner = run.externalRunId && (await reporter?.isReportedByAnother(run.externalRunId))
    // Port that cannot be searched does not say that the run is no other's.
    if (owner === 'unknown') throw new UnsettledError('which', plan)
    if (owner !== 'yes') open.push(run)
  }
  const [run] = open
  if (open.length > 1) throw new UnsettledError('which', plan)
  // Ours can be what was not seen.
  if (!run || !isWhole) throw new UnsettledError('not-shown', plan)
  logger.warning(
    `${plan.backend} did not say which run ${plan.target} became. ${run.url ?? run.id} is the only one of that moment, so it is taken for it. To be certain, put the Port run ID into the run-name of the workflow.`,
  )
  return { type: 'run', run, guess: true }
}
