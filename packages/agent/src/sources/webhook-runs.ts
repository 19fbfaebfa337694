import { formatError } from '@port-dispatch/core'
import { PortError, type PortRun } from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'
import type { Intake, Settlement, Work } from '../work.ts'
import { claimedWork } from './claimed-work.ts'
import { type FollowOnOptions, followOn, openParts } from './open-runs.ts'
import { type Orphan, Orphans, RECEIVED } from './orphans.ts'

export interface WebhookRunsOptions extends FollowOnOptions {
  /**
   * When a webhook is responded to: once it is taken (202), or, where the action is `synchronized`, once the run has
   * ended, with a status that says how. Default `taken`.
   */
  respond?: 'taken' | 'finished' | undefined
  /** How long a run that came by webhook shows no progress until its agent is held to have ended, in milliseconds. */
  orphanedAfter: number
}

/** A webhook is responded to at the latest after this time, if its end is not waited for. */
const TAKEN_WITHIN_MS = 600
const SAID_WITHIN_MS = 5_000

/** A reason that is made once: without one, each abort makes an error with a stack. */
const OVER = new Error('It is over.')

/** What a settlement is for a caller that waits for it. */
const STATUS: Record<string, 200 | 202 | 500 | 503> = {
  success: 200,
  failure: 500,
  refused: 500,
  unknown: 500,
  accepted: 202,
  skipped: 202,
}

/** The runs that webhooks hand out: Port sends each once, so that whoever has taken one must not lose it. */
export class WebhookRuns {
  readonly #options: WebhookRunsOptions
  readonly #intake: Intake
  readonly #held = new Set<string>()
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(options: WebhookRunsOptions, intake: Intake) {
    this.#options = options
    this.#intake = intake
  }

  /** Follows and ends what agents have left behind that have ended, until the signal is aborted. */
  async watch(signal: AbortSignal): Promise<void> {
    const orphans = new Orphans({ ...this.#options, after: this.#options.orphanedAfter })
    await Promise.all([
      followOn('webhook', this.#intake, signal, this.#options),
      orphans.watch(signal, (orphan) => this.#add(this.#settleOrphan(orphan))),
    ])
  }

  /** Resolves when all that is under way is settled. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  #add(work: Promise<unknown>): void {
    this.#underWay.add(work)
    work.finally(() => this.#underWay.delete(work))
  }

  /** Executes a run, and says when it is taken, or how it ended. */
  async respond(work: Work): Promise<Response> {
    const { respond = 'taken' } = this.#options
    const intake = this.#intake
    const { runId } = work
    const taken = Promise.withResolvers<void>()
    const sentBack = new AbortController()
    this.#held.add(runId)
    const settled = intake
      .execute({ ...work, onStarted: async () => taken.resolve() }, sentBack.signal)
      .then(async (settlement) => {
        if (!sentBack.signal.aborted) await this.#giveBack(work, settlement)
        return settlement
      })
      .finally(() => this.#held.delete(runId))
    this.#add(settled)
    const waits = respond === 'finished' && work.invocationMethod.synchronized === true
    if (waits) return answer(await settled)
    const isOnItsWay = await this.#within(Promise.race([taken.promise, settled]), TAKEN_WITHIN_MS)
    // What Port shows is not lost when this process is. What it does not show stays with whoever sent it.
    if (!isOnItsWay && !(await this.#say(work))) {
      sentBack.abort(new Error('Port does not respond.'))
      const settlement = await settled
      if (settlement.type === 'handed-over' && !settlement.begun) {
        return refusal(503, 'Port does not respond to the agent: send it again later.')
      }
    }
    return Response.json({ ok: true, runId }, { status: 202 })
  }

  /** Whether something has happened within a time. */
  async #within(what: Promise<unknown>, time: number): Promise<boolean> {
    const isOver = new AbortController()
    const late = this.#options.clock.sleep(time, isOver.signal).then(
      () => false,
      () => true,
    )
    try {
      return await Promise.race([what.then(() => true), late])
    } finally {
      isOver.abort(OVER)
    }
  }

  /**
   * Says in Port that the run is here: whoever finds it when this process is gone knows what happened.
   *
   * @returns whether Port responds
   */
  async #say({ runId }: Work): Promise<boolean> {
    const { port, clock, logger, nameOf } = this.#options
    if (isNodeRunId(runId)) return true
    try {
      const deadline = clock.now() + SAID_WITHIN_MS
      await port.runs.addLog(runId, { message: RECEIVED }, { deadline })
      return true
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      if (error.isRefusal) return true
      logger.warning(formatError(error, nameOf))
      return false
    }
  }

  /** Nothing is started for a run that another agent had: it is found and followed, ended, or unknown. */
  async #settleOrphan({ run, state }: Orphan): Promise<void> {
    const intake = this.#intake
    if (this.#held.has(run.id)) return
    if (state !== 'begun') {
      await intake.refuse({
        source: 'webhook',
        reason: 'orphaned',
        message:
          'The agent that had received this run ended before it started anything. Run the action again.',
        runId: run.id,
        // One that has it and waits for room may start it at this moment.
        mayBeOthers: state === 'received',
      })
      return
    }
    const { clock } = this.#options
    const receivedAt = clock.now()
    const parts = { ...openParts(run), source: 'webhook' as const, receivedAt }
    await intake.execute(claimedWork({ ...parts, mayHaveBegun: 'yes' }))
  }

  /**
   * Port sends a webhook once: a run that was not begun when the agent stopped would stay open until another agent finds
   * it. Who sends it twice may have sent it to an agent that has begun it.
   */
  async #giveBack({ runId }: Work, settlement: Settlement): Promise<void> {
    if (settlement.type === 'done' || settlement.begun) return
    const { port, clock } = this.#options
    const mayBeOthers = !settlement.announced && !isNodeRunId(runId)
    try {
      const deadline = clock.now() + SAID_WITHIN_MS
      if (mayBeOthers && isBegun(await port.runs.get(runId, { deadline }))) return
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      return
    }
    await this.#intake.refuse({
      source: 'webhook',
      reason: 'stopped',
      message: 'The agent stopped before it could start this run. Run the action again.',
      runId,
      mayBeOthers,
    })
  }
}

function isBegun({ statusLabel, externalRunId }: PortRun): boolean {
  return statusLabel !== undefined || externalRunId !== undefined
}

function answer(settlement: Settlement): Response {
  if (settlement.type === 'handed-over') return refusal(503, 'The agent stopped.')
  const { result } = settlement
  const status = STATUS[result] ?? 500
  return Response.json({ ok: status < 300, result }, { status })
}

/** A response that says why a webhook is not taken. */
export function refusal(status: number, message: string): Response {
  return Response.json({ ok: false, message }, { status })
}
