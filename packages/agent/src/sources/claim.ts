import { type Clock, formatError, type Logger, type Setting } from '@port-dispatch/core'
import { backoff } from '@port-dispatch/core/http'
import { type PortClient, PortError } from '@port-dispatch/core/port'
import { claimedNodeMessage, nodeMethod } from '../routes/claimed-message.ts'
import type { Intake, Source, Work } from '../work.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { claimedWork, partsOf } from './claimed-work.ts'
import { followOn } from './open-runs.ts'

export interface ClaimOptions {
  port: PortClient
  /** `_PORT_EXEC_AGENT`, as whom runs of actions with `agent: true` are claimed, or the identifier of an integration. */
  installationId: string
  /** Only runs of this type. */
  invocationMethod?: string | undefined
  /** At most so many are claimed at once, and never more than can begin. */
  batch: number
  /** Milliseconds between two claims where the first had nothing. */
  interval: number
  /** How long a claimed run is ours without an acknowledgement, in milliseconds. Port allows 600,000. */
  visibilityTimeout: number
  /** Whether node runs of workflows are claimed as well. */
  nodeRuns: 'claim' | 'leave'
  clock: Clock
  logger: Logger
  nameOf: (setting: Setting) => string
}

const GATHERED_WITHIN_MS = 20
/** After this part of the visibility time nothing is started any more: somebody else could have the run. */
const LEASE = 0.75
const OUTAGE_PACE = { first: 1_000, last: 30_000, growth: 2, jitter: 0.25 }

/** A reason that is made once: without one, each abort makes an error with a stack. */
const OVER = new Error('It is over.')

/** Claims runs from Port's API, and acknowledges each once what it started is linked. */
export class ClaimSource implements Source {
  readonly name = 'claim'
  readonly #options: ClaimOptions
  readonly #acknowledgements: Acknowledgements
  #problem: string | undefined = 'has not claimed yet'
  #nodeRuns: ClaimOptions['nodeRuns']
  /** What was claimed lately, and until when it is ours; the oldest first. */
  readonly #lately = new Map<string, number>()

  constructor(options: ClaimOptions) {
    this.#options = options
    this.#nodeRuns = options.nodeRuns
    this.#acknowledgements = new Acknowledgements(options)
  }

  get state(): Source['state'] {
    return this.#problem === undefined ? { ready: true } : { ready: false, reason: this.#problem }
  }

  async run(intake: Intake, signal: AbortSignal): Promise<void> {
    const { clock, interval } = this.#options
    const underWay = new Set<Promise<void>>()
    const add = (work: Promise<void>) => {
      underWay.add(work)
      work.finally(() => underWay.delete(work))
    }
    add(followOn(this.name, intake, signal, this.#options))
    let failures = 0
    while (!signal.aborted) {
      if ((await intake.room(signal)) === 0) break
      // What ends meanwhile makes room for one larger claim instead of many.
      if (underWay.size > 0) await clock.sleep(GATHERED_WITHIN_MS, signal).catch(() => {})
      const room = await intake.room(signal)
      if (room === 0) break
      const claimed = await this.#claim(room, signal)
      if (claimed === 'failed') {
        await clock.sleep(backoff(failures++, OUTAGE_PACE), signal).catch(() => {})
        continue
      }
      failures = 0
      const isNew = this.#remember(claimed)
      for (const work of claimed) add(this.#execute(intake, work))
      if (!isNew) await clock.sleep(interval, signal).catch(() => {})
    }
    await Promise.all(underWay)
    await this.#acknowledgements.flush()
  }

  /**
   * Whether there is anything among what was claimed that was not claimed before. What comes again before its time, such as
   * what Port hands out although it is ours, is no reason to hurry.
   */
  #remember(claimed: readonly Work[]): boolean {
    const { clock, visibilityTimeout } = this.#options
    const now = clock.now()
    for (const [runId, until] of this.#lately) {
      if (until > now) break
      this.#lately.delete(runId)
    }
    const fresh = claimed.filter(({ runId }) => !this.#lately.has(runId))
    for (const { runId } of fresh) this.#lately.set(runId, now + visibilityTimeout * LEASE)
    return fresh.length > 0
  }

  /** @throws PortError if Port refuses to let us claim */
  async #claim(room: number, signal: AbortSignal): Promise<Work[] | 'failed'> {
    const { port, clock, logger } = this.#options
    try {
      const runs = await port.claims.pending(this.#request(room), { signal })
      const receivedAt = clock.now()
      const works = runs.map((run) =>
        claimedWork({ ...partsOf(run), source: this.name, receivedAt }),
      )
      if (works.length < room)
        works.push(...(await this.#claimNodeRuns(room - works.length, signal)))
      if (this.#problem !== undefined) logger.info('Claiming runs from Port.')
      this.#problem = undefined
      return works
    } catch (error) {
      if (signal.aborted) return []
      if (!(error instanceof PortError)) throw error
      if (error.isRefusal) throw error
      const message = formatError(error, this.#options.nameOf)
      // Once for an outage.
      if (this.#problem !== message) logger.warning(`${message} Trying again.`)
      this.#problem = message
      return 'failed'
    }
  }

  async #claimNodeRuns(room: number, signal: AbortSignal): Promise<Work[]> {
    if (this.#nodeRuns === 'leave') return []
    const { port, clock, logger } = this.#options
    try {
      const runs = await port.claims.pendingNodeRuns(this.#request(room), { signal })
      const receivedAt = clock.now()
      return runs.map((run) => {
        const { identifier: runId, nodeUid: action } = run
        const payload = nodeMethod(run.config)
        const message = claimedNodeMessage(run)
        return claimedWork({ runId, action, payload, message, source: this.name, receivedAt })
      })
    } catch (error) {
      if (!(error instanceof PortError && error.status === 404)) throw error
      logger.info('This Port has no workflows: only runs of actions are claimed.')
      this.#nodeRuns = 'leave'
      return []
    }
  }

  #request(room: number) {
    const { installationId, invocationMethod, batch, visibilityTimeout } = this.#options
    return {
      installationId,
      limit: Math.min(room, batch),
      visibilityTimeoutMs: visibilityTimeout,
      ...(invocationMethod !== undefined && { invocationMethod }),
    }
  }

  /** A run that is not acknowledged becomes claimable again: nothing is started shortly before that. */
  async #execute(intake: Intake, work: Work): Promise<void> {
    const { clock, visibilityTimeout } = this.#options
    const lease = new AbortController()
    const isOver = new AbortController()
    const time = clock
      .sleep(visibilityTimeout * LEASE, isOver.signal)
      .then(() => lease.abort(new Error('The claim ran out.')))
      .catch(() => {})
    const onStarted = async () => {
      isOver.abort(OVER)
      this.#acknowledgements.add(work.runId)
    }
    await intake.execute({ ...work, onStarted }, lease.signal)
    isOver.abort(OVER)
    await time
  }
}
