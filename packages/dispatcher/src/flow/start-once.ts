import type { Clock, Logger } from '@port-dispatch/core'
import type { RunReporter } from '@port-dispatch/core/port'
import type { Backend, CiRun, Plan } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { claimRun } from './claim-run.ts'
import { inTurn } from './in-turn.ts'
import { startsUnderWay, trackStart } from './starts-under-way.ts'

export interface StartOptions {
  backend: Backend
  plan: Plan
  clock: Clock
  logger: Logger
  reporter?: RunReporter | undefined
  /** Ends the search for a run when aborted. A request that is under way is always waited for. */
  signal?: AbortSignal | undefined
}

/** A start must be settled within this time. */
const TIME_LIMIT_MS = 60_000
/** After a lost answer other dispatches get this long to report the runs that are theirs. */
const GRACE_MS = 5_000
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 5_000

/**
 * Starts a run, once.
 *
 * When the answer is lost, or does not name the run, the run is looked for. Only when the backend has shown that there
 * is none, and none can appear any more, is the start asked for a second time.
 *
 * @throws BackendError if the run was not started, or if that could not be found out
 */
export async function startOnce(options: StartOptions): Promise<CiRun> {
  const { backend, plan } = options
  if (backend.namesRuns) return await start(options)
  // One after the other, so that each finds its own run: the oldest that is not claimed.
  return await inTurn(keyOf(plan), () => start(options))
}

async function start(options: StartOptions): Promise<CiRun> {
  const { backend, plan, clock, logger } = options
  const deadline = clock.now() + TIME_LIMIT_MS
  const first = await attempt(options, deadline)
  if (first.type === 'found') return first.run
  if (first.type === 'none') {
    logger.warning(
      `${backend.name} has no run of ${plan.target} from this dispatch. Sending it again.`,
    )
    const second = await attempt(options, deadline)
    if (second.type === 'found') return second.run
    if (second.type === 'none') throw notStarted(plan, second.failure)
  }
  throw unsettled(plan, first.failure)
}

type Attempt =
  | { type: 'found'; run: CiRun }
  /** It is certain that nothing was started. */
  | { type: 'none'; failure: BackendError }
  | { type: 'unsettled'; failure: BackendError | undefined }

async function attempt(options: StartOptions, deadline: number): Promise<Attempt> {
  const { backend, plan, clock, logger } = options
  const since = clock.now()
  let failure: BackendError | undefined
  try {
    const started = await trackStart(keyOf(plan), backend.start(plan))
    if (started.type === 'named') {
      await claimRun(started.run, undefined)
      return { type: 'found', run: started.run }
    }
  } catch (error) {
    if (!(error instanceof BackendError) || error.effect === 'none') throw error
    failure = error
    logger.warning(`${error.message} Looking for the run that it may have started.`)
    await sleep(options, GRACE_MS)
  }
  const until = clock.now() + backend.appearsWithin(failure)
  return await search(options, { since, until, deadline, failure })
}

interface Search {
  /** When the start was asked for. */
  since: number
  /** Until when a run of it can appear. From then on an empty answer shows that nothing was started. */
  until: number
  deadline: number
  failure: BackendError | undefined
}

async function search(options: StartOptions, window: Search): Promise<Attempt> {
  const { backend, plan, clock, logger, reporter, signal } = options
  const { deadline, failure } = window
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LAST_PAUSE_MS, pause * 1.5)) {
    const askedAt = clock.now()
    try {
      // Whatever the backend shows and another start of this process is about to be told of is not ours.
      const others = startsUnderWay(keyOf(plan))
      const candidates = await backend.findStarted(plan, { ...window, runId: reporter?.runId })
      if (!candidates) return { type: 'unsettled', failure }
      await others
      for (const run of candidates) {
        if (await claimRun(run, reporter)) return { type: 'found', run }
      }
      if (failure && askedAt >= window.until) return { type: 'none', failure }
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      logger.warning(error.message)
    }
    // The jitter keeps dispatches apart that compete for the same runs.
    const wait = pause * (0.75 + Math.random() / 2)
    if (clock.now() + wait >= deadline || signal?.aborted) return { type: 'unsettled', failure }
    await sleep(options, wait)
  }
}

async function sleep({ clock, signal }: StartOptions, ms: number): Promise<void> {
  try {
    await clock.sleep(ms, signal)
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}

function keyOf({ page, ref }: Plan): string {
  return `${page} ${ref}`
}

function notStarted({ target, ref }: Plan, failure: BackendError): BackendError {
  return new BackendError(
    `${failure.message} It failed twice, and ${target} was not started on ${ref}.`,
    { status: failure.status, cause: failure },
  )
}

function unsettled({ target, ref, page }: Plan, failure: BackendError | undefined): BackendError {
  const cause = failure
    ? `${failure.message} It is unknown whether ${target} was started on ${ref}`
    : `${target} was accepted on ${ref}, but its run did not appear within ${TIME_LIMIT_MS / 1000} s`
  return new BackendError(`${cause}. Look for it at ${page} before you start it again.`, {
    effect: 'unknown',
    cause: failure,
  })
}
