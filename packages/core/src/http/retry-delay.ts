const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 8_000

/**
 * How long to wait before the next attempt.
 *
 * The server's word counts first: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), then GitHub's
 * `x-ratelimit-reset` when nothing remains. Without one the delay doubles with each attempt, with jitter, so that
 * clients that failed together do not come back together.
 *
 * @param attempt how many attempts have failed, from 1
 * @param headers of the answer, if there was one
 * @param now milliseconds since the epoch
 * @returns milliseconds
 */
export function retryDelay(attempt: number, headers: Headers | undefined, now: number): number {
  return requestedDelay(headers, now) ?? backoff(attempt)
}

/**
 * How long the server asks to be left alone.
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds, or undefined if it does not say
 */
export function requestedDelay(headers: Headers | undefined, now: number): number | undefined {
  const retryAfter = headers?.get('retry-after')
  if (retryAfter) {
    const at = /^\d+$/.test(retryAfter) ? now + Number(retryAfter) * 1000 : Date.parse(retryAfter)
    if (Number.isFinite(at)) return Math.max(0, at - now)
  }
  if (headers?.get('x-ratelimit-remaining') === '0') {
    const reset = Number(headers.get('x-ratelimit-reset'))
    if (reset > 0) return Math.max(0, reset * 1000 - now)
  }
  return undefined
}

function backoff(attempt: number): number {
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
  return ceiling * (0.5 + Math.random() / 2)
}
