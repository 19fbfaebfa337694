/** How pauses grow that a program makes between two attempts, or between two looks at the same thing. */
export interface DelayCurve {
  /** The first pause, in milliseconds. */
  first: number
  /** The longest pause, in milliseconds. */
  last: number
  /** Each pause is this many times the one before it: 2 doubles it, 1 keeps it. */
  growth: number
  /** The part of a pause by which chance shortens or lengthens it, from 0 to 1: 0.25 gives 75 to 125 %. */
  jitter: number
}

/** Pauses between attempts to send a request: about 0.4, 0.8, 1.5, 3 and then 6 s. */
export const RETRY_CURVE: DelayCurve = { first: 375, last: 6_000, growth: 2, jitter: 1 / 3 }

/**
 * The one delay curve of this project. The jitter keeps clients apart that failed, or began to wait, at the same moment.
 *
 * @param pauses how many pauses came before this one, from 0
 * @param random gives numbers from 0 to 1; injected by tests
 * @returns milliseconds
 */
export function backoff(pauses: number, curve: DelayCurve, random = Math.random): number {
  const pause = Math.min(curve.last, curve.first * curve.growth ** pauses)
  return pause * (1 - curve.jitter + 2 * curve.jitter * random())
}
