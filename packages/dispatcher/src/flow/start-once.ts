import { type Clock, explain, type Logger, silentLogger, systemClock } from '@port-dispatch/core'
import { backoff } from '@port-dispatch/core/http'
import type { PortRun, Reporter } from '@port-dispatch/core/port'
import type { Found, Plan, RunRef, Search, Started } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { unlessAborted } from '../backends/unless-aborted.ts'
import { StoppedError, UnsettledError } from './errors.ts'

export interface StartOptions {
  plan: Plan
  /** Default: the system's. */
  clock?: Clock | undefined
  /** Default: none. */
  logger?: Logger | undefined
  /** The Port run that the start is for. Runs of it are recognised by it. */
  portRunId?: string | undefined
  /** Reads which run the work itself reported to Port. */
  reporter?: Pick<Reporter, 'read' | 'isReportedByAnother'> | undefined
  /** The Port run as it was before the start; undefined if it could not be read. */
  before?: Pick<PortRun, 'externalRunId'> | undefined
  /** The run that this process is part of. */
  ownExternalRunId?: string | undefined
  /** Before the start it prevents it; after it, it ends the search for the run. */
  signal?: AbortSignal | undefined
}

type Start = StartOptions & { clock: Clock; logger: Logger }

/** What was started. A run that is a `guess` may be another's. */
export type StartedOnce = Exclude<Started, { type: 'unnamed' }> & { guess?: true }

const LAST_LOOK_WITHIN_MS = 2_000
const PAUSE = { first: 1_000, last: 5_000, growth: 1.5, jitter: 0.25 }

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
  const { plan, clock = systemClock, logger = silentLogger, portRunId, before, signal } = options
  if (signal?.aborted) throw new StoppedError(plan.target)
  const sent = clock.now()
  let failure: BackendError | undefined
  try {
    const started = await plan.start(signal)
    if (started.type !== 'unnamed') return started
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw new StoppedError(plan.target)
    if (!(error instanceof BackendError) || error.effect === 'none') throw error
    failure = error
    if (plan.runs)
      logger.warning(`${explain(failure, logger)} Looking for the run that it may have started.`)
  }
  const answered = clock.now()
  const externalRunIdBefore = before?.externalRunId
  return await settle(
    { ...options, clock, logger },
    { portRunId, sent, answered, externalRunIdBefore },
    failure,
  )
}

/** @param failure why the response was lost; undefined if the start was accepted */
async function settle(
  options: Start,
  search: Search,
  failure: BackendError | undefined,
): Promise<StartedOnce> {
  const { plan, clock, logger, reporter, signal } = options
  const { runs } = plan
  const unsettled = failure ? 'lost' : 'not-shown'
  // Without a Port run nothing can be a proof, and a start that is only perhaps one cannot be guessed.
  const isProvable = search.portRunId !== undefined || reporter !== undefined
  if (!runs || (failure && !isProvable)) throw new UnsettledError(unsettled, plan, failure)
  const until = search.answered + runs.appearsWithin(failure ? 'lost' : 'unnamed')
  let warned = ''
  // A look that fails proves nothing.
  const unlessRefused = async <T>(look: Promise<T>): Promise<T | undefined> => {
    try {
      return await look
    } catch (error) {
      if (signal?.aborted || !(error instanceof BackendError)) throw error
      const message = explain(error, logger)
      if (message !== warned) logger.warning(message)
      warned = message
      return undefined
    }
  }
  let last: Found | undefined
  try {
    for (let pauses = 0; ; pauses++) {
      const lookedAt = clock.now()
      const found = await unlessRefused(runs.find(search, signal))
      if (found?.ours) return { type: 'run', run: found.ours }
      // Second, because an outage of Port uses up the time that reporting may take.
      const reported = await unlessRefused(selfReported(options, search))
      if (reported?.run) return { type: 'run', run: reported.run }
      last = reported && found
      if (lookedAt >= until) break
      await clock.sleep(Math.min(backoff(pauses, PAUSE), until - clock.now()), signal)
    }
  } catch (error) {
    if (signal?.aborted) return await lookOnce(options, search, failure)
    throw error
  }
  if (failure || !last || last.marked) throw new UnsettledError(unsettled, plan, failure)
  return await guess(options, last.candidates)
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

/**
 * The run that wrote its external run id to our Port run, which only the work itself does. What may have been there
 * before the start, because Port could not be read then, must be younger than the start.
 */
async function selfReported(
  { plan, reporter, ownExternalRunId, signal }: Start,
  { sent, externalRunIdBefore }: Search,
): Promise<{ run?: RunRef | undefined }> {
  const externalRunId = (await unlessAborted(Promise.resolve(reporter?.read()), signal))
    ?.externalRunId
  if (!externalRunId || [externalRunIdBefore, ownExternalRunId].includes(externalRunId)) return {}
  return { run: await plan.runs?.refOf(externalRunId, { since: sent, signal }) }
}

async function guess(
  { plan, logger, reporter }: Start,
  candidates: readonly RunRef[],
): Promise<StartedOnce> {
  const open: RunRef[] = []
  for (const run of candidates) {
    const owner = run.externalRunId && (await reporter?.isReportedByAnother(run.externalRunId))
    // Port that cannot be searched does not say that the run is no other's.
    if (owner === 'unknown') throw new UnsettledError('which', plan)
    if (owner !== 'yes') open.push(run)
  }
  const [run] = open
  if (!run) throw new UnsettledError('not-shown', plan)
  if (open.length > 1) throw new UnsettledError('which', plan)
  logger.warning(
    `${plan.backend} did not say which run ${plan.target} became. ${run.url ?? run.id} is the only one of that moment, so it is taken for it. To be certain, put the Port run ID into the run-name of the workflow.`,
  )
  return { type: 'run', run, guess: true }
}
