// Runs the benchmarks in bench/*/index.ts one after the other: `npm run bench -- [name…]`.
import { readdirSync } from 'node:fs'

/** What a benchmark's index.ts exports. */
interface Benchmark {
  /** Measures, and prints its tables. */
  run: () => Promise<void>
}

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are ${names.join(', ')}.`)
  process.exitCode = 2
} else {
  for (const name of chosen.length > 0 ? chosen : names) {
    const benchmark: Benchmark = await import(`./${name}/index.ts`)
    await benchmark.run()
  }
}
