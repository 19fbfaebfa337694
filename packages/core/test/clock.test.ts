import { systemClock } from '@port-dispatch/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const DAY = 86_400_000

describe('a time longer than a timer of Node can be set to', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('is the time after which a limit is over, and not at once', () => {
    const limit = systemClock.timeout(60 * DAY)
    vi.advanceTimersByTime(60 * DAY - 1)
    expect(limit.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(limit.reason).toMatchObject({ name: 'TimeoutError' })
  })
})

describe('a sleep longer than a timer of Node can be set to', () => {
  it('does not end at once, and ends with a signal', async () => {
    const stop = new AbortController()
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const ended = systemClock.sleep(60 * DAY, stop.signal).then(
      () => 'ended',
      () => 'stopped',
    )
    const soon = systemClock.sleep(20).then(() => 'soon')
    expect(await Promise.race([ended, soon])).toBe('soon')
    stop.abort(new Error('stop'))
    expect(await ended).toBe('stopped')
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})
