import { formatError, PortDispatchError } from '@port-dispatch/core'
import type { PortRun } from '@port-dispatch/core/port'
import { isFromWebhook } from '../worker/earlier.ts'
import type { FollowOnOptions } from './open-runs.ts'

export interface OrphansOptions extends FollowOnOptions {
  /** How long a run shows no progress until its agent is held to have ended, in milliseconds. */
  after: number
}

/** What became of a run whose agent has ended. */
export interface Orphan {
  run: PortRun
  /** `received`: nothing was started. `begun`: something was started, or may have been. */
  state: 'received' | 'begun'
}

/** Written to the log of a run that was received and could not be started at once. */
export const RECEIVED = 'An agent has received this run, and starts it when it has room.'

/** Looks so many times until a run is an orphan. */
const LOOKS = 3
/** Port lists at most so many. */
const LIMIT = 1_000
const LOG_LINES = 50

/**
 * Finds runs that came by webhook and whose agent has ended: Port sends a webhook once, so nobody gets them again. A run
 * is an orphan when it has shown the same for a time, by our own clock: nobody else's clock is believed.
 */
export class Orphans {
  readonly #options: OrphansOptions
  /** What open runs showed, and since when. */
  #seen = new Map<string, { shown: string; since: number; isHandled: boolean }>()

  constructor(options: OrphansOptions) {
    this.#options = options
  }

  /** Looks for orphans again and again until the signal is aborted. @param onOrphan must not throw */
  async watch(signal: AbortSignal, onOrphan: (orphan: Orphan) => void): Promise<void> {
    const { clock, after, logger, nameOf } = this.#options
    while (!signal.aborted) {
      try {
        for (const orphan of await this.#look(signal)) onOrphan(orphan)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof PortDispatchError)) throw error
        logger.notice(
          `${formatError(error, nameOf)} Runs that other agents have left behind are looked for later.`,
        )
      }
      await clock.sleep(after / LOOKS, signal).catch(() => {})
    }
  }

  async #look(signal: AbortSignal): Promise<Orphan[]> {
    const { port, clock, after } = this.#options
    const open = await port.runs.list({ active: true, limit: LIMIT }, { signal })
    const now = clock.now()
    const before = this.#seen
    // Runs that are open no longer are forgotten.
    this.#seen = new Map(
      open.filter(isCandidate).map((run) => {
        const shown = JSON.stringify([run.statusLabel, run.link, run.summary])
        const known = before.get(run.id)
        const isSame = known?.shown === shown
        return [run.id, isSame ? known : { shown, since: now, isHandled: false }]
      }),
    )
    const orphans: Orphan[] = []
    for (const run of open) {
      const seen = this.#seen.get(run.id)
      if (!seen || seen.isHandled || now - seen.since < after) continue
      const state = isFromWebhook(run) ? 'begun' : await this.#stateByLog(run, signal)
      if (state) orphans.push({ run, state })
      seen.isHandled = state !== undefined
      // Somebody may receive it later.
      seen.since = now
    }
    return orphans
  }

  /** A run without a label was received by an agent if its log says so. Any other waits for something else. */
  async #stateByLog({ id }: PortRun, signal: AbortSignal): Promise<'received' | undefined> {
    const lines = await this.#options.port.runs.logs(id, { limit: LOG_LINES }, { signal })
    return lines.some(({ message }) => message === RECEIVED) ? 'received' : undefined
  }
}

function isCandidate(run: PortRun): boolean {
  if (run.externalRunId !== undefined) return false
  return run.statusLabel === undefined || isFromWebhook(run)
}
