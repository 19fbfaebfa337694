import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputsOf } from '../support/thorough.ts'
import { violations } from './audit.ts'
import { FAULTS, type FaultName, isLost, type Process, run, type Schedule } from './schedule.ts'

const MINUTE = 60_000

const skew = fc.constantFrom(-15 * MINUTE, 0, 15 * MINUTE)
const milliseconds = (max: number) => fc.integer({ min: 0, max })
const fault = fc.option(fc.constantFrom(...(Object.keys(FAULTS) as FaultName[])), {
  nil: undefined,
  freq: 3,
})

const process: fc.Arbitrary<Process> = fc.record({
  backend: fc.constantFrom('GITHUB', 'GITLAB'),
  at: milliseconds(20_000),
  skew,
  createdAfter: milliseconds(20_000),
  lag: milliseconds(60_000),
  duration: milliseconds(2 * MINUTE),
  signal: fc.option(
    fc.record({
      name: fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const),
      after: milliseconds(3 * MINUTE),
    }),
    { nil: undefined, freq: 3 },
  ),
  onCancel: fc.constantFrom('cancel', 'leave'),
  again: fc.option(milliseconds(MINUTE), { nil: undefined }),
})

const schedule: fc.Arbitrary<Schedule> = fc.record({
  names: fc.constantFrom('yes', 'no', 'refuses'),
  marked: fc.boolean(),
  skew,
  processes: fc.array(process, { minLength: 1, maxLength: 5 }),
  faults: fc.array(fault, { maxLength: 40 }),
  outage: fc.option(
    fc.record({ from: milliseconds(MINUTE) }).map(({ from }) => ({ from, until: from + 8_000 })),
    { nil: undefined },
  ),
})

describe('whatever happens at whatever moment', () => {
  it('no Port run is started twice, shows another run, ends twice or is left without its end', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (planned) => {
        const outcomes = await run(planned)
        expect(violations(outcomes)).toEqual([])
        expect(outcomes.filter(isLost)).toEqual([])
        const starts = outcomes.reduce((sum, outcome) => sum + outcome.starts, 0)
        expect(starts).toBeLessThanOrEqual(planned.processes.length)
      }),
      { numRuns: inputsOf(100), seed: 20_261_125 },
    )
  })
})
