import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { Sandbox } from '@port-dispatch/sandbox'
import { type ProcessResult, runProcess } from '../support/run-process.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export interface WorkflowRun extends ProcessResult {
  /** The lines that a step printed, without act's prefix. */
  log: string
}

/**
 * Runs a workflow of examples/workflows, as it is, with act on this machine. `port-dispatch/port-dispatch@v1` is this
 * repository's action.yml and dist/, and Port and GitLab are the sandbox.
 */
export async function runWorkflow(
  act: string,
  sandbox: Sandbox,
  workflow: string,
  event: { name: string; payload: unknown },
  /** What it holds, if it is not one of the examples. */
  content?: string,
): Promise<WorkflowRun> {
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-act-'))
  const path = (...names: string[]) => join(folder, ...names)
  try {
    await mkdir(path('repository/.github/workflows'), { recursive: true })
    const file = path('repository/.github/workflows', workflow)
    if (content === undefined) await cp(join(ROOT, 'examples/workflows', workflow), file)
    else await writeFile(file, content)
    await cp(join(ROOT, 'examples/deploy-service'), path('repository/actions/deploy-service'), {
      recursive: true,
    })
    await cp(join(ROOT, 'action.yml'), path('action/action.yml'))
    await cp(join(ROOT, 'dist'), path('action/dist'), { recursive: true })
    await writeFile(path('event.json'), JSON.stringify(event.payload))
    await writeFile(path('secrets'), toEnv(secretsOf(sandbox)))
    await writeFile(path('vars'), toEnv({ PORT_BASE_URL: sandbox.url, GITLAB_URL: sandbox.url }))
    const env = {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: folder,
      XDG_CACHE_HOME: path('cache'),
    }
    const cwd = path('repository')
    await makeRepository(cwd, env)
    const result = await runProcess(
      act,
      [
        event.name,
        ...['--workflows', `.github/workflows/${workflow}`],
        ...['--eventpath', path('event.json')],
        ...['--platform', 'ubuntu-latest=-self-hosted'],
        ...['--local-repository', `port-dispatch/port-dispatch@v1=${path('action')}`],
        ...['--secret-file', path('secrets'), '--var-file', path('vars')],
        ...['--env', 'GITHUB_REPOSITORY_ID=710045', '--env', 'GITHUB_REPOSITORY_OWNER_ID=90211'],
      ],
      { env, cwd },
    )
    const printed = result.stdout.split('\n').filter((line) => /^\[.*\] +\| /.test(line))
    return { ...result, log: printed.map((line) => line.replace(/^\[.*?\] +\| /, '')).join('\n') }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function secretsOf({ environment }: Sandbox): Record<string, string | undefined> {
  const { PORT_CLIENT_ID, PORT_CLIENT_SECRET, GITLAB_TOKEN, GITLAB_TRIGGER_TOKEN } = environment
  return { PORT_CLIENT_ID, PORT_CLIENT_SECRET, GITLAB_TOKEN, GITLAB_TRIGGER_TOKEN }
}

function toEnv(values: Record<string, string | undefined>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value ?? ''}\n`)
    .join('')
}

/** act reads owner, name and branch from git. */
async function makeRepository(cwd: string, env: Record<string, string | undefined>): Promise<void> {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  for (const args of [
    ['init', '--quiet', '--initial-branch', 'main'],
    ['remote', 'add', 'origin', 'https://github.com/acme/services.git'],
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '--message', 'Add workflow'],
  ]) {
    const { code, stderr } = await runProcess('git', args, { cwd, env })
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  }
}
