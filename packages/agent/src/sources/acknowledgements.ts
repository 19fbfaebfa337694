import { type Clock, formatError, type Logger, type Setting } from '@port-dispatch/core'
import { type PortClient, PortError } from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'

interface Options {
  port: PortClient
  clock: Clock
  logger: Logger
  nameOf: (setting: Setting) => string
}

/** What comes within this time is acknowledged in one request. */
const GATHERED_WITHIN_MS = 50
const MAX_AT_ONCE = 100

/**
 * Acknowledges claimed runs, several in one request. What they started is in Port by then, so that whoever gets a run
 * whose acknowledgement was lost finds it there.
 */
export class Acknowledgements {
  readonly #options: Options
  #waiting: string[] = []
  #sending: Promise<void> = Promise.resolve()
  #isGathering = false

  constructor(options: Options) {
    this.#options = options
  }

  add(runId: string): void {
    this.#waiting.push(runId)
    if (this.#isGathering) return
    this.#isGathering = true
    this.#sending = Promise.all([
      this.#sending,
      this.#waiting.length >= MAX_AT_ONCE
        ? undefined
        : this.#options.clock.sleep(GATHERED_WITHIN_MS),
    ]).then(async () => {
      this.#isGathering = false
      await this.#send()
    })
  }

  /** Resolves when all that was added has been sent. */
  async flush(): Promise<void> {
    await this.#sending
  }

  async #send(): Promise<void> {
    const ids = this.#waiting
    this.#waiting = []
    const runs = ids.filter((id) => !isNodeRunId(id))
    for (let from = 0; from < runs.length; from += MAX_AT_ONCE) {
      await this.#sendAll(runs.slice(from, from + MAX_AT_ONCE))
    }
    for (const id of ids.filter(isNodeRunId)) {
      await this.#attempt(id, () => this.#options.port.claims.acknowledgeNodeRun(id))
    }
  }

  async #sendAll(ids: readonly string[]): Promise<void> {
    const { claims } = this.#options.port
    const [only] = ids
    if (only === undefined) return
    if (ids.length > 1) {
      try {
        const missing = ids.length - (await claims.acknowledgeAll(ids))
        if (missing > 0) {
          // The count does not say which, and what was started is in Port.
          this.#options.logger.notice(
            `${missing} of ${ids.length} runs were acknowledged before, by this agent or another: ${ids.join(', ')}`,
          )
        }
        return
      } catch (error) {
        if (!(error instanceof PortError)) throw error
      }
    }
    for (const id of ids) await this.#attempt(id, () => claims.acknowledge(id))
  }

  async #attempt(id: string, acknowledge: () => Promise<string>): Promise<void> {
    const { logger, nameOf } = this.#options
    try {
      const result = await acknowledge()
      if (result === 'taken') {
        logger.notice(`Run ${id} was acknowledged before, by this agent or another.`)
      }
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      logger.warning(
        `${formatError(error, nameOf)} Whoever claims run ${id} again finds in Port what was started.`,
      )
    }
  }
}
