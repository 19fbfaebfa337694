import { setTimeout as delay } from 'node:timers/promises'

/** Time as this project uses it, so that tests can run hours in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A signal that aborts after `ms` milliseconds with a `TimeoutError`. It does not keep the process alive. */
  timeout(ms: number): AbortSignal
}

/** 24.8 days. A timer of Node that is set to more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    for (let left = ms; ; left -= LONGEST_TIMER_MS) {
      await sleepOnce(Math.min(left, LONGEST_TIMER_MS), signal)
      if (!(left > LONGEST_TIMER_MS)) return
    }
  },
  timeout: (ms) => {
    if (!(ms > LONGEST_TIMER_MS)) return AbortSignal.timeout(Math.ceil(ms))
    const controller = new AbortController()
    const wait = (left: number) => {
      const end = () => {
        if (left > LONGEST_TIMER_MS) return wait(left - LONGEST_TIMER_MS)
        controller.abort(new DOMException('The time is up', 'TimeoutError'))
      }
      setTimeout(end, Math.min(left, LONGEST_TIMER_MS)).unref()
    }
    wait(ms)
    return controller.signal
  },
}

async function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    throw signal?.aborted ? signal.reason : error
  }
}
