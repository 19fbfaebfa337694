import { array, assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../src/sources/kafka/ledger.ts'

describe('how far a partition may be committed', () => {
  it('is at its start before anything is done', () => {
    const ledger = new Ledger(40n)
    ledger.begin(40n)
    expect(ledger).toMatchObject({ committable: 40n, next: 41n, size: 1 })
  })

  it('is up to the first message that is not done, whatever is done after it', () => {
    const ledger = new Ledger(0n)
    for (const offset of [0n, 1n, 2n]) ledger.begin(offset)
    ledger.done(2n)
    ledger.done(0n)
    expect(ledger).toMatchObject({ committable: 1n, size: 2 })
    ledger.done(1n)
    expect(ledger).toMatchObject({ committable: 3n, size: 0 })
  })

  it('is after records that are no messages', () => {
    const ledger = new Ledger(0n)
    ledger.begin(0n)
    ledger.pass(7n)
    expect(ledger.committable).toBe(0n)
    ledger.done(0n)
    expect(ledger.committable).toBe(7n)
  })

  it('knows an offset that was begun before', () => {
    const ledger = new Ledger(5n)
    expect([4n, 5n, 5n, 6n, 5n].map((offset) => ledger.begin(offset))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ])
  })

  it('never passes what is not done, in whatever order runs end and with whatever gaps', () => {
    const run = property(
      array(integer({ min: 1, max: 4 }), { maxLength: 40 }),
      array(integer({ min: 0, max: 39 }), { maxLength: 60 }),
      (gaps, ends) => {
        let last = 0n
        const offsets = gaps.map((gap) => {
          last += BigInt(gap)
          return last
        })
        const ledger = new Ledger(0n)
        for (const offset of offsets) ledger.begin(offset)
        const done = new Set<bigint>()
        let before = ledger.committable
        for (const index of ends) {
          const offset = offsets[index]
          if (offset === undefined) continue
          done.add(offset)
          ledger.done(offset)
          const open = offsets.filter((one) => !done.has(one))
          expect(ledger.committable).toBe(open[0] ?? ledger.next)
          expect(ledger.committable >= before).toBe(true)
          before = ledger.committable
        }
      },
    )
    assert(run, { numRuns: 300 })
  })
})
