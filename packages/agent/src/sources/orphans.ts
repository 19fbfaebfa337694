import { formatError, PortDispatchError } from '@port-dispatch/core'
import { PortError, type PortRun } from '@port-dispatch/core/port'
import { isFromWebhook, TAKEN } from '../worker/earlier.ts'
import type { FollowOnOptions } from './open-runs.ts'

export interface OrphansOptions extends FollowOnOptions {
  /** How long a run shows no progress until its agent is held to have ended, in milliseconds. */
  after: number
}

/** What became of a run whose agent has ended. */
export interface Orphan {
  run: PortRun
  /**
   * `received`: nothing was started. `taken`: nor will anybody start it. `begun`: something was started, or may have been.
   */
  state: 'received' | 'taken' | 'begun'
}

/** Written to the log of a run that was received and could not be started at once. */
export const RECEIVED = 'An agent has received this run.'

/** A run that has shown the same at so many looks is an orphan. */
const LOOKS = 4
/** Port lists at most so many. */
const LIMIT = 1_000
const LOG_LINES = 50

/**
 * Finds runs that came by webhook and whose agent has ended: Port sends a webhook once, so nobody gets them again. A run
 * is an orphan when it has shown the same at every look for a time, by our own clock: nobody else's clock is believed.
 */
export class Orphans {
  readonly #options: OrphansOptions
  /** What open runs showed, and at how many looks. */
  #seen = new Map<string, { shown: string; looks: number }>()

  constructor(options: OrphansOptions) {
    this.#options = options
  }

  /** Looks for orphans again and again until the signal is aborted. @param onOrphan must not throw */
  async watch(signal: AbortSignal, onOrphan: (orphan: Orphan) => void): Promise<void> {
    const { clock, after, logger, nameOf } = this.#options
    while (!signal.aborted) {
      try {
        await this.#look(signal, onOrphan)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof PortDispatchError)) throw error
        // While Port is away nobody makes progress.
        this.#seen.clear()
        logger.notice(
          `${formatError(error, nameOf)} Runs that other agents have left behind are looked for later.`,
        )
      }
      await clock.sleep(after / (LOOKS - 1), signal).catch(() => {})
    }
  }

  async #look(signal: AbortSignal, onOrphan: (orphan: Orphan) => void): Promise<void> {
    const open = await this.#options.port.runs.list({ active: true, limit: LIMIT }, { signal })
    const before = this.#seen
    // Runs that are open no longer are forgotten.
    this.#seen = new Map(
      open.filter(isCandidate).map((run) => {
        const shown = shownOf(run)
        const known = before.get(run.id)
        const looks = known?.shown === shown ? known.looks + 1 : 1
        return [run.id, { shown, looks }]
      }),
    )
    for (const run of open) {
      const seen = this.#seen.get(run.id)
      if (!seen || seen.looks < LOOKS) continue
      // Whoever handles it can be killed as well: it is looked at again.
      seen.looks = 1
      const orphan = isFromWebhook(run)
        ? { run, state: 'begun' as const }
        : await this.#byLog(run, signal)
      // Of another, somebody may still receive it.
      if (orphan) onOrphan(orphan)
    }
  }

  /**
   * A run without a label was received by an agent if its log says so, or taken by one that stopped before it could end
   * it. Any other waits for something else.
   */
  async #byLog(run: PortRun, signal: AbortSignal): Promise<Orphan | undefined> {
    const { runs } = this.#options.port
    try {
      const lines = await runs.logs(run.id, { limit: LOG_LINES }, { signal })
      const isTaken = lines.some(({ message }) => message.startsWith(TAKEN))
      if (!isTaken && !lines.some(({ message }) => message === RECEIVED)) return undefined
      const now = await runs.get(run.id, { signal })
      if (shownOf(now) !== shownOf(run)) return undefined
      return { run: now, state: isTaken ? 'taken' : 'received' }
    } catch (error) {
      // One that Port does not show, as after it was deleted, does not hold up the others.
      if (error instanceof PortError && error.isRefusal) return undefined
      throw error
    }
  }
}

function shownOf({ status, statusLabel, externalRunId, link, summary }: PortRun): string {
  return JSON.stringify([status, statusLabel, externalRunId, link, summary])
}

function isCandidate(run: PortRun): boolean {
  if (run.externalRunId !== undefined) return false
  return run.statusLabel === undefined || isFromWebhook(run)
}
