const rounds = 5
const roundMilliseconds = 120

/** Milliseconds that a call takes: the median of some rounds, after one that does not count. */
export async function measure(call: () => unknown): Promise<number> {
  const results: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    let calls = 0
    do {
      await call()
      calls++
    } while (performance.now() - start < roundMilliseconds)
    if (round > 0) results.push((performance.now() - start) / calls)
  }
  return results.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN
}
