import { type Clock, type Logger, silentLogger, systemClock } from '@port-dispatch/core'
import { backoff } from '@port-dispatch/core/http'
import type { Reporter } from '@port-dispatch/core/port'
import type { Found, Plan, RunRef, Started } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { StoppedError, UnsettledError } from './errors.ts'

export interface StartOptions {
  plan: Plan
  clock?: Clock | undefined
  /** Is warned of a response that was lost, and of a guess. */
  logger?: Logger | undefined
  /** The Port run that the start is for. Runs of it are recognised by it. */
  portRunId?: string | undefined
  /** Reads which run the work itself reported to Port. */
  reporter?: Pick<Reporter, 'read' | 'isReportedByAnother'> | undefined
  /** What the Port run had before the start. */
  externalRunIdBefore?: string | undefined
  /** Before the start it prevents it; after it, it ends the search for the run. */
  signal?: AbortSignal | undefined
}

/** With the defaults filled in. */
interface Start extends StartOptions {
  clock: Clock
  logger: Logger
}

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
 * exactly one.
 *
 * @throws BackendError (effect `none`) if nothing was started, StoppedError if the signal was aborted before,
 *   UnsettledError if it is not known what was started
 */
export async function startOnce(options: StartOptions): Promise<StartedOnce> {
  const { plan, clock = systemClock, logger = silentLogger, signal } = options
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
      logger.warning(`${failure.message} Looking for the run that it may have started.`)
  }
  return await settle({ ...options, clock, logger }, { sent, answered: clock.now() }, failure)
}

/** @param failure why the response was lost; undefined if the start was accepted */
async function settle(
  options: Start,
  times: { sent: number; answered: number },
  failure: BackendError | undefined,
): Promise<StartedOnce> {
  const { plan, clock, logger, portRunId, signal } = options
  const { runs } = plan
  const unsettled = failure ? 'lost' : 'not-shown'
  if (!runs) throw new UnsettledError(unsettled, plan, failure)
  const until = times.answered + runs.appearsWithin(failure ? 'lost' : 'unnamed')
  let last: Found | undefined
  let warned = ''
  for (let pauses = 0; ; pauses++) {
    const lookedAt = clock.now()
    try {
      const reported = await selfReported(options)
      if (reported) return { type: 'run', run: reported }
      last = await runs.find({ portRunId, ...times }, signal)
      if (last.ours) return { type: 'run', run: last.ours }
    } catch (error) {
      if (signal?.aborted) return await lookOnce(options, times, failure)
      if (!(error instanceof BackendError)) throw error
      last = undefined
      if (error.message !== warned) logger.warning(error.message)
      warned = error.message
    }
    if (lookedAt >= until) break
    try {
      await clock.sleep(Math.min(backoff(pauses, PAUSE), until - clock.now()), signal)
    } catch (error) {
      if (signal?.aborted) return await lookOnce(options, times, failure)
      throw error
    }
  }
  if (failure || !last || last.marked) throw new UnsettledError(unsettled, plan, failure)
  return await guess(options, last.candidates)
}

/** One more look after an abort: who stops should know what is left behind. */
async function lookOnce(
  { plan, clock, portRunId }: Start,
  times: { sent: number; answered: number },
  failure: BackendError | undefined,
): Promise<StartedOnce> {
  const found = await plan.runs
    ?.find({ portRunId, ...times }, clock.timeout(LAST_LOOK_WITHIN_MS))
    .catch(() => undefined)
  if (found?.ours) return { type: 'run', run: found.ours }
  throw new UnsettledError('stopped', plan, failure)
}

/** The run that wrote its external run id to our Port run, which only the work itself does. */
async function selfReported(options: Start): Promise<RunRef | undefined> {
  const { plan, reporter, externalRunIdBefore, signal } = options
  const externalRunId = (await reporter?.read())?.externalRunId
  if (!externalRunId || externalRunId === externalRunIdBefore) return undefined
  return await plan.runs?.refOf(externalRunId, signal)
}

async function guess(
  { plan, logger, reporter }: Start,
  candidates: readonly RunRef[],
): Promise<StartedOnce> {
  const open: RunRef[] = []
  for (const run of candidates) {
    const owner = run.externalRunId && (await reporter?.isReportedByAnother(run.externalRunId))
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
