// From the start of a process to its request and to its end: the steps of the Action, and the command, beside a script
// that only calls `fetch`. What is compared is measured in the same rounds.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Measured, RequestServer } from './measure-process.ts'
import { type ProgramName, programs } from './programs.ts'

const ROUNDS = 15
const GOAL_MB = 3
const DIST = join(import.meta.dirname, '../../dist')

interface Goal {
  program: ProgramName
  measured: keyof Measured
  to: ProgramName
  atMost: number
}

const GOALS: Goal[] = [
  { program: 'REPORT', measured: 'request', to: 'bare fetch', atMost: 0.75 },
  { program: 'PATCH_RUN', measured: 'request', to: 'bare fetch', atMost: 0.75 },
  { program: 'DISPATCH', measured: 'request', to: 'bare fetch', atMost: 1.1 },
  { program: 'port-dispatch report start', measured: 'request', to: 'bare fetch', atMost: 1.1 },
  { program: 'REPORT', measured: 'end', to: 'bare fetch', atMost: 0.8 },
  { program: 'PATCH_RUN', measured: 'end', to: 'bare fetch', atMost: 0.8 },
  { program: 'post, nothing to do', measured: 'end', to: 'node -e 0', atMost: 1.1 },
]

const TITLES: Record<keyof Measured, string> = {
  request: 'to the first request (DISPATCH: the one that starts the workflow)',
  end: 'to the end of the process',
}

export async function run(): Promise<void> {
  const medians = await measureAll()
  for (const measured of ['request', 'end'] as const) {
    console.log(`\nMilliseconds from the start ${TITLES[measured]}`)
    const rows = GOALS.filter((goal) => goal.measured === measured)
    const baselines = new Set(rows.map(({ to }) => to))
    console.table({
      ...Object.fromEntries([...baselines].map((name) => [name, row(medians[name][measured])])),
      ...Object.fromEntries(
        rows.map(({ program, to, atMost }) => {
          const median = medians[program][measured]
          return [program, row(median, `${compare(median / medians[to][measured], atMost)} ${to}`)]
        }),
      ),
    })
  }
  console.log(`dist/: ${compare((await size(DIST)) / 1e6, GOAL_MB)} MB`)
}

/** In turn, so that what else the machine does slows all alike. */
async function measureAll(): Promise<Record<ProgramName, Measured>> {
  const server = new RequestServer()
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-bench-'))
  try {
    const all = Object.entries(await programs(folder, await server.listen()))
    const samples = new Map<string, Measured[]>(all.map(([name]) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, program] of all) samples.get(name)?.push(await server.measure(program))
    }
    const medians = [...samples].map(([name, values]) => [
      name,
      {
        request: median(values.map(({ request }) => request)),
        end: median(values.map(({ end }) => end)),
      },
    ])
    return Object.fromEntries(medians) as Record<ProgramName, Measured>
  } finally {
    server.close()
    await rm(folder, { recursive: true })
  }
}

function row(milliseconds: number, ratio = ''): Record<string, string> {
  return { median: milliseconds.toFixed(1), ratio }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Says whether a figure is within its goal, and fails the benchmark if it is not. */
function compare(figure: number, goal: number): string {
  const missed = !(figure <= goal)
  if (missed) process.exitCode = 1
  return `${figure.toFixed(2)} (goal ${goal}${missed ? ', missed' : ''})`
}

async function size(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
