import type { Clock } from '@port-dispatch/core'

export interface WithinOptions {
  clock: Clock
  /** Milliseconds. */
  limit: number
  signal: AbortSignal | undefined
  /** Milliseconds that the work gets after the signal. Default 0: it is not waited for any more. */
  grace?: number
}

/**
 * Waits for work that cannot be stopped.
 *
 * @throws what the work throws; an error with the code `TIMEOUT`; the signal's reason
 */
export async function within<T>(
  work: Promise<T>,
  { clock, limit, signal, grace = 0 }: WithinOptions,
): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const time = clock.timeout(limit)
  const onLimit = () => reject(timedOut())
  const onStop = () => {
    if (grace === 0) reject(signal?.reason)
    else clock.timeout(grace).addEventListener('abort', onLimit, { once: true })
  }
  time.addEventListener('abort', onLimit, { once: true })
  signal?.addEventListener('abort', onStop, { once: true })
  if (signal?.aborted) onStop()
  try {
    return await Promise.race([work, ended])
  } finally {
    time.removeEventListener('abort', onLimit)
    signal?.removeEventListener('abort', onStop)
    // What comes later is not waited for any more.
    work.catch(() => {})
  }
}

function timedOut(): Error {
  return Object.assign(new Error('There was no response in time.'), { code: 'TIMEOUT' })
}
