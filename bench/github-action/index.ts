// From the start of the process to its first request: REPORT's main step beside a script that only calls `fetch`.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FirstRequestServer } from './measure-process.ts'

const ROUNDS = 25
const GOAL = 1.25
const GOAL_MB = 3
const DIST = join(import.meta.dirname, '../../dist')
const SCRIPTS = {
  'bare fetch': join(import.meta.dirname, 'bare.mjs'),
  REPORT: join(DIST, 'main.js'),
}

export async function run(): Promise<void> {
  console.log('\nGitHub Action: milliseconds from the start of the process to its first request')
  const server = new FirstRequestServer()
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-bench-'))
  try {
    const env = await environment(folder, await server.listen())
    const samples: Record<keyof typeof SCRIPTS, number[]> = { 'bare fetch': [], REPORT: [] }
    // In turn, so that what else the machine does slows both alike.
    for (let round = 0; round < ROUNDS; round++) {
      samples['bare fetch'].push(await server.measure(SCRIPTS['bare fetch'], env))
      samples.REPORT.push(await server.measure(SCRIPTS.REPORT, env))
    }
    const bare = median(samples['bare fetch'])
    const report = median(samples.REPORT)
    console.table({
      'bare fetch': { median: bare.toFixed(1), 'to bare fetch': '' },
      REPORT: { median: report.toFixed(1), 'to bare fetch': compare(report / bare, GOAL) },
    })
    console.log(`dist/: ${compare((await size(DIST)) / 1e6, GOAL_MB)} MB`)
  } finally {
    server.close()
    await rm(folder, { recursive: true })
  }
}

async function environment(
  folder: string,
  url: string,
): Promise<Record<string, string | undefined>> {
  const eventPath = join(folder, 'event.json')
  await writeFile(eventPath, JSON.stringify({ inputs: { port_run_id: 'r_Bench00000000001' } }))
  return {
    PATH: process.env.PATH,
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_REPOSITORY: 'acme/services',
    GITHUB_REPOSITORY_ID: '1',
    GITHUB_REPOSITORY_OWNER_ID: '2',
    GITHUB_RUN_ID: '3',
    INPUT_BASEURL: url,
    INPUT_CLIENTID: 'bench-client',
    INPUT_CLIENTSECRET: 'bench-secret',
  }
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
