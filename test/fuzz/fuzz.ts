import fc from 'fast-check'
import { inputsOf } from '../support/thorough.ts'

/**
 * Tries a property with many inputs, the same at each run. `FUZZ_SEED` chooses others, `FUZZ_FACTOR` how many times as
 * many; without `PORT_DISPATCH_THOROUGH=1` a tenth of them is tried.
 */
export async function fuzz<Input>(
  inputs: fc.Arbitrary<Input>,
  property: (input: Input) => void | Promise<void>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      await property(input)
    }),
    {
      numRuns: inputsOf(runs) * Number(process.env.FUZZ_FACTOR ?? 1),
      seed: Number(process.env.FUZZ_SEED ?? 20_261_125),
    },
  )
}
