// Chaos: agents are killed while they execute two thousand runs. CHAOS_SEED repeats one; arguments choose the sources.
import { chaos } from './chaos.ts'

const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9))
const sources =
  process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['claim', 'kafka', 'webhook']
const runs = Number(process.env.CHAOS_RUNS ?? 2_000)
process.stdout.write(`Chaos with ${runs} runs a source, CHAOS_SEED=${seed}\n`)
for (const source of ['claim', 'kafka', 'webhook'] as const) {
  if (!sources.includes(source)) continue
  const { open, ...result } = await chaos({
    source,
    runs,
    agents: 3,
    kills: 15,
    outage: 10_000,
    restartsBroker: source === 'kafka',
    seed,
  })
  const cells = Object.entries(result).map(([name, value]) => `${name} ${Math.round(value)}`)
  process.stdout.write(`${[source, ...cells].join(', ')}\n`)
  for (const line of open.slice(0, 20)) process.stdout.write(`  left open: ${line}\n`)
  const { twice, invented, denied, endedTwice, leftOpen } = result
  if (twice + invented + denied + endedTwice + leftOpen > 0) process.exitCode = 1
}
