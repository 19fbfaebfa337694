// What became of a start that nobody heard of again: the run that it made is looked for, and nothing is started.
import { type Clock, explain, type Logger, silentLogger, systemClock } from '@port-dispatch/core'
import { backoff } from '@port-dispatch/core/http'
import type { PortRun, Reporter } from '@port-dispatch/core/port'
import type { Found, Plan, RunRef, Runs, Search } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { unlessAborted } from '../backends/unless-aborted.ts'

/** By what a run is recognised, and who is asked. */
export interface LookOptions {
  plan: Plan
  /** Default: the system's. */
  clock?: Clock | undefined
  /** Default: none. */
  logger?: Logger | undefined
  /** Reads which run the work itself reported to Port. */
  reporter?: Pick<Reporter, 'read' | 'isReportedByAnother'> | undefined
  /** The Port run as it was before the start; undefined if it could not be read. */
  before?: Pick<PortRun, 'externalRunId'> | undefined
  /** The run that this process is part of. */
  ownExternalRunId?: string | undefined
  /** Ends the looking. */
  signal?: AbortSignal | undefined
}

export interface SettleOptions extends LookOptions {
  portRunId: string
  /** When the start cannot have been sent yet, in milliseconds since the epoch, by our clock. 0 if that is not known. */
  since: number
  /** From when on nothing of it was under way any more, by our clock. Default: now. */
  over?: number | undefined
}

/** What is certain of a start: the run that it made, that it made none, or neither. */
export type Settled = { type: 'run'; run: RunRef } | { type: 'not-started' } | { type: 'unknown' }

/**
 * Finds out what became of an earlier start for a Port run, such as that of a process that was killed. Starts nothing.
 *
 * A run is taken only with proof: it carries the Port run id, or it reported itself to the Port run. That there is none
 * is certain only where the backend shows every run with what it was started with, once it must show it: on GitLab, five
 * minutes after the start was over. All else is unknown.
 *
 * @throws BackendError never for a look that fails, which proves nothing; the signal's reason never: that is unknown
 */
export async function settle(options: SettleOptions): Promise<Settled> {
  const { plan, clock = systemClock, logger = silentLogger, portRunId, since, signal } = options
  const { runs } = plan
  if (!runs) return { type: 'unknown' }
  const answered = options.over ?? clock.now()
  const within = runs.absentAfter ?? runs.appearsWithin('lost')
  const externalRunIdBefore = options.before?.externalRunId
  const search = { portRunId, sent: since, answered, externalRunIdBefore, isProof: true }
  try {
    const looking = { ...options, clock, logger, runs }
    const { run, found } = await lookForRun(looking, search, answered + within)
    if (run) return { type: 'run', run }
    return { type: found?.isAbsent ? 'not-started' : 'unknown' }
  } catch (error) {
    if (signal?.aborted) return { type: 'unknown' }
    throw error
  }
}

const PAUSE = { first: 1_000, last: 5_000, growth: 1.5, jitter: 0.25 }

/**
 * Looks for a run until a moment, at least once.
 *
 * @returns the run, or what the last look showed; undefined if that look failed
 * @throws the signal's reason if it was aborted
 */
export async function lookForRun(
  options: LookOptions & { clock: Clock; logger: Logger; runs: Runs },
  search: Search,
  until: number,
): Promise<{ run?: RunRef; found?: Found | undefined }> {
  const { clock, logger, runs, signal } = options
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
  for (let pauses = 0; ; pauses++) {
    const lookedAt = clock.now()
    const found = await unlessRefused(runs.find(search, signal))
    if (found?.ours) return { run: found.ours }
    // Second, because an outage of Port uses up the time that reporting may take.
    const reported = await unlessRefused(selfReported({ ...options, runs }, search))
    if (reported?.run) return { run: reported.run }
    if (lookedAt >= until) return { found: reported && found }
    await clock.sleep(Math.min(backoff(pauses, PAUSE), until - clock.now()), signal)
  }
}

/**
 * The run that wrote its external run id to our Port run, which only the work itself does. What may have been there
 * before the start, because Port could not be read then, must be younger than the start.
 */
async function selfReported(
  { runs, reporter, ownExternalRunId, signal }: LookOptions & { runs: Runs },
  { sent, externalRunIdBefore }: Search,
): Promise<{ run?: RunRef | undefined }> {
  const externalRunId = (await unlessAborted(Promise.resolve(reporter?.read()), signal))
    ?.externalRunId
  if (!externalRunId || [externalRunIdBefore, ownExternalRunId].includes(externalRunId)) return {}
  return { run: await runs.refOf(externalRunId, { since: sent, signal }) }
}
