import type { HttpHeaders } from './headers.ts'
import type { HttpResponse } from './transport.ts'

/** For GitHub's secondary limits that do not say when they end: its documentation asks for one minute. */
const UNNAMED_LIMIT_MS = 60_000
/** A reset below this (2001 as a time) counts the seconds that are left; above, it is a time. */
const FIRST_TIME_S = 1_000_000_000

/**
 * How long the server asks clients to wait: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), or the reset of a
 * limit of which nothing remains (`x-ratelimit-reset` of GitHub and Port, `RateLimit-Reset` of GitLab).
 *
 * Times are read against the `Date` of the same response, because the server's clock and ours may differ. It is a
 * minimum: add it to a backoff, never wait for it alone.
 *
 * @param now when the response came, in milliseconds since the epoch; used if it has no `Date`
 * @returns milliseconds, not negative and possibly very large; undefined if the server does not say
 */
export function requestedDelay(headers: HttpHeaders | undefined, now: number): number | undefined {
  if (!headers) return undefined
  const date = Date.parse(headers.get('date') ?? '')
  const serverNow = Number.isFinite(date) ? date : now
  const retryAfter = headers.get('retry-after')?.trim()
  if (retryAfter) {
    const delay = /^\d+(\.\d+)?$/.test(retryAfter)
      ? Number(retryAfter) * 1000
      : Date.parse(retryAfter) - serverNow
    if (!Number.isNaN(delay)) return Math.max(0, delay)
  }
  for (const prefix of ['x-ratelimit', 'ratelimit']) {
    if (headers.get(`${prefix}-remaining`)?.trim() !== '0') continue
    const reset = Number(headers.get(`${prefix}-reset`) || Number.NaN)
    if (!(reset >= 0)) continue
    return reset < FIRST_TIME_S ? reset * 1000 : Math.max(0, reset * 1000 - serverNow)
  }
  return undefined
}

/**
 * How long to wait if the server has refused a request because there were too many: 429, and GitHub's 403 that names a
 * time, has nothing remaining or says "secondary rate limit". Any other 403 is a refusal.
 *
 * @param now when the response came, in milliseconds since the epoch
 * @returns milliseconds, as a minimum; undefined if the response is something else
 */
export function rateLimitDelay(response: HttpResponse, now: number): number | undefined {
  const { status, headers, text } = response
  if (status !== 429 && status !== 403) return undefined
  const requested = requestedDelay(headers, now)
  if (status === 429) return requested ?? 0
  if (requested !== undefined) return requested
  return /\bsecondary rate limit\b/i.test(text) ? UNNAMED_LIMIT_MS : undefined
}
