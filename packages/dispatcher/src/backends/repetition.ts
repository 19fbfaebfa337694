import type { Repetition } from '@port-dispatch/core/http'

/** 303: what was requested can have been done, and its result is elsewhere. Other redirects did nothing (RFC 9110, 15.4). */
export const DONE_AND_ELSEWHERE = 303

/**
 * Which failures of a request to GitHub or GitLab are answered by sending it again: reading something, and cancelling a
 * run, do the same when they are done twice. Everything else can start something.
 */
export function repetitionOf(method: string, url: string): Repetition {
  const isCancellation = method === 'POST' && /\/cancel$/.test(url)
  return method === 'GET' || isCancellation ? 'repeatable' : 'once'
}
