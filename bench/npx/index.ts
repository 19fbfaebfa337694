// What a GitLab job takes to run `npx … report start`, beside a bare script that sends the same two requests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '@port-dispatch/sandbox'
import { packBare, packCommand } from './packages.ts'

const COLD_ROUNDS = 7
const WARM_ROUNDS = 15
const GOALS = { cold: 1.5, warm: 1.1, installedMb: 5 }
const COMMAND = join(import.meta.dirname, '../../packages/cli/bin/port-dispatch.cjs')
const BARE = join(import.meta.dirname, 'bare.mjs')
const REPORT = ['report', 'start']

type Environment = Record<string, string | undefined>

export async function run(): Promise<void> {
  console.log('\nnpx: milliseconds from the start to the end of the process')
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-bench-'))
  const sandbox = await startSandbox()
  try {
    const env = { PATH: process.env.PATH, ...sandbox.environment, ...job }
    const ours = await packCommand(folder)
    const bare = await packBare(folder)
    const npx = (tarball: string, command: string[]) => () =>
      timeCold(folder, ['npx', '--yes', `--package=${tarball}`, '--', ...command], env)
    const cold = await inTurn(
      COLD_ROUNDS,
      npx(ours.tarball, ['port-dispatch', ...REPORT]),
      npx(bare.tarball, ['bare']),
    )
    const warm = await inTurn(
      WARM_ROUNDS,
      () => time([process.execPath, COMMAND, ...REPORT], env),
      () => time([process.execPath, BARE], env),
    )
    console.table({
      'npx with an empty cache': row(cold, GOALS.cold),
      'installed before': row(warm, GOALS.warm),
    })
    console.log(`the same two requests without npx: ${warm[1].toFixed(0)} ms`)
    console.log(`tarball: ${(ours.size / 1e6).toFixed(2)} MB`)
    console.log(`installed: ${compare(ours.unpackedSize / 1e6, GOALS.installedMb)} MB`)
  } finally {
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const job = {
  GITLAB_CI: 'true',
  CI_PIPELINE_URL: 'https://gitlab.com/acme/platform/-/pipelines/5',
  CI_PROJECT_ID: '4',
  CI_PIPELINE_ID: '5',
  PORT_RUN_ID: 'r_DeployService001',
}

function row([ours, bare]: [number, number], goal: number): Record<string, string> {
  return {
    'port-dispatch': ours.toFixed(0),
    'bare script': bare.toFixed(0),
    'to bare script': compare(ours / bare, goal),
  }
}

/** Says whether a figure is within its goal, and fails the benchmark if it is not. */
function compare(figure: number, goal: number): string {
  const missed = !(figure <= goal)
  if (missed) process.exitCode = 1
  return `${figure.toFixed(2)} (goal ${goal}${missed ? ', missed' : ''})`
}

/** Medians. In turn, so that what else the machine does slows both alike. */
async function inTurn(
  rounds: number,
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    times[0].push(await one())
    times[1].push(await other())
  }
  return [median(times[0]), median(times[1])]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** With a home and an npm cache that are new, as in a job's container. */
async function timeCold(
  folder: string,
  command: readonly string[],
  env: Environment,
): Promise<number> {
  const home = await mkdtemp(join(folder, 'home-'))
  const settings = {
    HOME: home,
    npm_config_cache: join(home, '.npm'),
    npm_config_update_notifier: 'false',
  }
  return await time(command, { ...env, ...settings })
}

async function time([program = '', ...args]: readonly string[], env: Environment): Promise<number> {
  const begin = performance.now()
  const child = spawn(program, args, { env, stdio: 'ignore' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`)
  return performance.now() - begin
}
