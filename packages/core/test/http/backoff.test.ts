import { backoff } from '@port-dispatch/core/http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('the delay curve', () => {
  const curve = { first: 1_000, last: 15_000, growth: 1.5, jitter: 0.2 }

  it('grows from the first to the last pause', () => {
    const middle = () => 0.5
    const pauses = [0, 1, 2, 3, 20, 2_000].map((count) => backoff(count, curve, middle))
    expect(pauses).toEqual([1_000, 1_500, 2_250, 3_375, 15_000, 15_000])
  })

  it('is shortened and lengthened by chance, by no more than the jitter', () => {
    const number = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.nat(5_000), number, number, (count, jitter, chance) => {
        const pause = backoff(count, { ...curve, jitter }, () => chance)
        const middle = backoff(count, { ...curve, jitter: 0 })
        expect(Math.abs(pause - middle)).toBeLessThanOrEqual(middle * jitter + 1e-6)
      }),
    )
  })
})
