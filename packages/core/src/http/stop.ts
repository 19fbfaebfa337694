import type { Clock } from '../clock.ts'

/** How long the response of a start is waited for after a stop. */
const STOP_GRACE_MS = 3_000

/**
 * The reason of an abort that prevents what has not been sent, and lets a request that starts something have its response
 * until another signal. After any other reason it has 3 s.
 */
export class GentleStop extends Error {
  readonly until: AbortSignal

  constructor(reason: unknown, until: AbortSignal) {
    super(reason instanceof Error ? reason.message : String(reason), { cause: reason })
    this.until = until
  }
}

/** The signal that ends the waiting for the response of a start after a stop. */
export function graceAfter(stop: AbortSignal, clock: Clock): AbortSignal {
  return stop.reason instanceof GentleStop ? stop.reason.until : clock.timeout(STOP_GRACE_MS)
}
