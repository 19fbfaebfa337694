import { describe, expect, it } from 'vitest'
import { Lease } from '../../src/sources/kafka/lease.ts'

describe('the lease on partitions', () => {
  const clockAt = (time: number) => ({ time, now: () => 0 })

  function leaseAt(start: number) {
    const clock = clockAt(start)
    clock.now = () => clock.time
    return { clock, lease: new Lease(clock, 10_000) }
  }

  it('is not alive before the broker has acknowledged anything', () => {
    expect(leaseAt(1_000).lease).toMatchObject({ isAlive: false, remaining: 0 })
  })

  it('runs out a session timeout after the last sign of life was sent, not after its response came', () => {
    const { clock, lease } = leaseAt(1_000)
    clock.time = 9_000
    lease.renew(1_000)
    expect(lease.remaining).toBe(2_000)
    clock.time = 11_000
    expect(lease.isAlive).toBe(false)
  })

  it('is not shortened by a response that comes late', () => {
    const { lease } = leaseAt(5_000)
    lease.renew(5_000)
    lease.renew(2_000)
    expect(lease.remaining).toBe(10_000)
  })

  it('is alive again after a sign of life', () => {
    const { clock, lease } = leaseAt(1_000)
    lease.renew(1_000)
    clock.time = 30_000
    lease.renew(29_000)
    expect(lease.isAlive).toBe(true)
    lease.end()
    expect(lease.isAlive).toBe(false)
  })
})
