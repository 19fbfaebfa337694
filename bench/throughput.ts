/** Measures calls of ours and of a bare client in turn, so that both see the same machine. */
export interface Comparison {
  ours: (index: number) => Promise<unknown>
  bare: (index: number) => Promise<unknown>
  /** How many calls are under way at a time. */
  concurrency: number
  calls: number
  /** The ratio of ours to bare that is aimed at. */
  goal: number
}

const ROUNDS = 11

/** @returns a row of a table: calls a second and their ratio, the medians of some rounds */
export async function compare(comparison: Comparison): Promise<Record<string, string>> {
  const { concurrency, calls, goal } = comparison
  const rounds: { ours: number; bare: number; ratio: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await throughput(comparison.ours, concurrency, calls / ROUNDS)
    const bare = await throughput(comparison.bare, concurrency, calls / ROUNDS)
    rounds.push({ ours, bare, ratio: ours / bare })
  }
  const ratio = median(rounds.map((round) => round.ratio))
  return {
    'a second': median(rounds.map(({ ours }) => ours)).toFixed(0),
    bare: median(rounds.map(({ bare }) => bare)).toFixed(0),
    ratio: `${ratio.toFixed(2)} (goal ≥ ${goal}${ratio < goal ? ', missed' : ''})`,
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function throughput(
  call: (index: number) => Promise<unknown>,
  concurrency: number,
  calls: number,
): Promise<number> {
  let next = 0
  const begin = performance.now()
  const worker = async () => {
    while (next < calls) await call(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return calls / ((performance.now() - begin) / 1000)
}
