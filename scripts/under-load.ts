// Runs a command on a machine that is busy: two loops for each core that compute without end. What depends on how much time
// passes, instead of on what happens, fails here and not in somebody's CI.
//
//   node scripts/under-load.ts COMMAND [ARGUMENT…]
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

const LOOPS_PER_CORE = 2
/** No loop outlives this, whatever happens to the rest. */
const MAX_MINUTES = 45

/** Ends with the process that started it: an orphan has another parent. */
const LOOP = `
  const parent = process.ppid
  const end = Date.now() + ${MAX_MINUTES * 60_000}
  while (process.ppid === parent && Date.now() < end) for (let i = 0; i < 1e6; i++);
`

const [command, ...args] = process.argv.slice(2)
if (command === undefined) throw new Error('Give the command to run: under-load.ts vitest run')

const count = LOOPS_PER_CORE * availableParallelism()
const loops = Array.from({ length: count }, () =>
  spawn(process.execPath, ['--eval', LOOP], { stdio: 'ignore' }),
)
const stop = () => {
  for (const loop of loops) loop.kill('SIGKILL')
}
process.once('exit', stop)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    child.kill(signal)
    process.exitCode = 1
  })
}
process.stdout.write(`${count} loops keep this machine busy.\n`)
const child = spawn(command, args, { stdio: 'inherit' })
child.once('error', (error) => {
  stop()
  throw error
})
child.once('exit', (code) => {
  stop()
  process.exitCode = code ?? 1
})
