import { systemClock } from '@port-dispatch/core'
import { describe, expect, it, vi } from 'vitest'
import { Commits } from '../../src/sources/kafka/commits.ts'
import { Partition } from '../../src/sources/kafka/partition.ts'

describe('commits', () => {
  function commits(commit: () => Promise<void>) {
    const partition = new Partition({
      topic: 't',
      partition: 0,
      offset: 7n,
      end: 7n,
      isCommitted: false,
    })
    // Each pause is over when the test says so.
    const pauses: { ms: number; end: () => void; signal: AbortSignal | undefined }[] = []
    const clock = {
      ...systemClock,
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((end, fail) => {
          pauses.push({ ms, end, signal })
          signal?.addEventListener('abort', () => fail(signal.reason))
        }),
    }
    const onStuck = vi.fn()
    const membership = { commit, isJoining: false, isActive: true, lease: { isAlive: true } }
    const made = new Commits({
      membership,
      held: () => [partition],
      clock,
      observer: { committed: () => {}, commitFailed: () => {}, result: () => {} },
      onStuck,
      signal: new AbortController().signal,
    })
    return { made, partition, pauses, onStuck }
  }

  it('that get no response at all end the session, so that another one commits', async () => {
    const { made, pauses, onStuck } = commits(() => new Promise(() => {}))
    void made.commit()
    expect(onStuck).not.toHaveBeenCalled()
    pauses[0]?.end()
    await expect.poll(() => onStuck.mock.calls.length).toBe(1)
  })

  it('that have a response are not waited for any longer', async () => {
    const { made, partition, pauses, onStuck } = commits(async () => {})
    await made.commit()
    expect(partition.committed).toBe(7n)
    expect(pauses.map(({ signal }) => signal?.aborted)).toEqual([true])
    expect(onStuck).not.toHaveBeenCalled()
  })
})
