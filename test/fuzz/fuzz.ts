import fc from 'fast-check'

/**
 * Tries a property with many inputs, the same at each run. `FUZZ_SEED` chooses others, `FUZZ_FACTOR` how many times as
 * many.
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
      numRuns: runs * Number(process.env.FUZZ_FACTOR ?? 1),
      seed: Number(process.env.FUZZ_SEED ?? 20_261_125),
    },
  )
}
