const FIRST_MS = 1_000
const LAST_MS = 15_000
const GROWTH = 1.4
const JITTER = 0.2

/**
 * How long to wait before a run is read again: short at first, for runs that end quickly, growing to 15 s, with
 * jitter, so that many followers do not ask at the same moment.
 *
 * @param reads how often the run has been read since its status last changed
 * @returns milliseconds
 */
export function pollInterval(reads: number): number {
  const interval = Math.min(LAST_MS, FIRST_MS * GROWTH ** reads)
  return interval * (1 - JITTER + 2 * JITTER * Math.random())
}
