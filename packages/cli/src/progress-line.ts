import { statusLabel } from '@port-dispatch/core/run'
import type { DispatchStep, Plan, RunRef } from '@port-dispatch/dispatcher'
import type { Terminal } from './terminal.ts'

/** Where a line is shown that changes. */
export type Screen = Pick<Terminal, 'isLive' | 'showProgress'>

interface Shown {
  plan: Plan
  run: RunRef
  since: number
  status?: string
  /** The job and step that run, once they were read. */
  at?: string | undefined
}

/** Milliseconds until the job is read, and then between two reads: each costs a request of the backend's limit. */
const PACE = { first: 3_000, next: 10_000 }

/** Shows on a terminal for how long a run has been waited for, and which job and step it is at. Elsewhere nothing. */
export class ProgressLine {
  readonly #screen: Screen
  readonly #pace: typeof PACE
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #shown: Shown | undefined

  constructor(screen: Screen, pace: typeof PACE = PACE) {
    this.#screen = screen
    this.#pace = pace
  }

  /** Shows what a step of the dispatch says. */
  follow(step: DispatchStep): void {
    if (!this.#screen.isLive) return
    if (step.type === 'started' && step.started.type === 'run') {
      const { plan, started } = step
      this.#shown = { plan, run: started.run, since: performance.now() }
      this.#screen.showProgress(() => this.#text())
      this.#readIn(this.#pace.first)
    } else if (step.type === 'state' && this.#shown) {
      if (step.state.outcome) this.end()
      else this.#shown.status = statusLabel(step.state.status)
    } else if (step.type === 'concluded') {
      this.end()
    }
  }

  end(): void {
    if (!this.#shown) return
    this.#shown = undefined
    clearTimeout(this.#timer)
    this.#stop.abort()
    this.#screen.showProgress(undefined)
  }

  #text(): string {
    if (!this.#shown) return ''
    const { plan, since, status = 'Waiting', at } = this.#shown
    const elapsed = formatElapsed(performance.now() - since)
    return [plan.target, status, elapsed, at].filter(Boolean).join(' · ')
  }

  #readIn(pause: number): void {
    this.#timer = setTimeout(() => void this.#read(), pause).unref()
  }

  async #read(): Promise<void> {
    const shown = this.#shown
    if (!shown) return
    try {
      const current = await shown.plan.runs?.currentJob(shown.run, this.#stop.signal)
      shown.at = current && [current.job, current.step].filter(Boolean).join(' › ')
    } catch {
      // Following says what is wrong. What the line shows is not worth a message.
    }
    if (this.#shown) this.#readIn(this.#pace.next)
  }
}

/** @param elapsed milliseconds */
export function formatElapsed(elapsed: number): string {
  const seconds = Math.floor(elapsed / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours}h ${minutes}m`
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`
}
