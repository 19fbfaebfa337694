import type { Clock } from '@port-dispatch/core'
import type { Source } from './work.ts'
import type { Worker } from './worker/worker.ts'

export interface AgentOptions {
  sources: readonly Source[]
  worker: Worker
  clock: Clock
  /** How long a stop may take, in milliseconds. */
  grace: number
  /** Called when the agent has been asked to stop. */
  onStop?: (() => void) | undefined
}

/** Takes runs from its sources and executes them until it is stopped. */
export class Agent {
  readonly #options: AgentOptions

  constructor(options: AgentOptions) {
    this.#options = options
  }

  /**
   * Runs until the signal is aborted, then stops taking, lets what is being started be linked, and hands over the rest.
   *
   * @throws what made a source end: the others are stopped first
   */
  async run(signal: AbortSignal): Promise<void> {
    const { sources, worker, clock, grace, onStop } = this.#options
    const stop = new AbortController()
    const onAbort = () => stop.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const failures: unknown[] = []
    const running = sources.map(async (source) => {
      try {
        await source.run(worker, stop.signal)
      } catch (error) {
        failures.push(error)
        stop.abort(error)
      }
    })
    await aborted(stop.signal)
    onStop?.()
    const done = new AbortController()
    // A source that does not end must not hold up the process: what it owes is somebody else's then.
    const late = clock.sleep(grace, done.signal).catch(() => {})
    await Promise.race([Promise.all([worker.drain(grace), ...running]), late])
    done.abort()
    signal.removeEventListener('abort', onAbort)
    if (failures.length > 0) throw failures[0]
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
