import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Sandbox } from '@port-dispatch/sandbox'
import { refuseSecrets } from '../../support/run-command.ts'
import { packCommand } from './packed-command.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface Pipeline {
  /** The text of .gitlab-ci.yml. */
  config: string
  /** Variables of the pipeline, besides those that point at the sandbox. An undefined one is taken away. */
  variables?: Record<string, string | undefined>
  /** More files of the repository, by path. */
  files?: Record<string, string>
  /** Environment of gitlab-ci-local itself. */
  env?: Record<string, string>
  /** Whether gitlab-ci-local checks the pipeline against GitLab's schema, which takes longer. Default `skip`. */
  schema?: 'check' | 'skip'
}

export interface PipelineResult {
  code: number | null
  output: string
  /** How the jobs ended that ran. */
  jobs: Record<string, string>
}

/** Predefined variables that tests replace, about which gitlab-ci-local would warn. */
const REPLACED = 'CI_PIPELINE_SOURCE,CI_API_V4_URL,CI_PROJECT_ID,CI_PIPELINE_ID,TRIGGER_PAYLOAD'

/**
 * Runs a pipeline for real, with gitlab-ci-local and the shell executor, in a repository of its own that holds the
 * components: `$CI_SERVER_FQDN/$CI_PROJECT_PATH/report@$CI_COMMIT_SHA` includes the one of this working copy.
 */
export async function runPipeline(sandbox: Sandbox, pipeline: Pipeline): Promise<PipelineResult> {
  const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-pipeline-'))
  try {
    await makeRepository(folder, pipeline)
    return await run(sandbox, folder, pipeline)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeRepository(folder: string, { config, files }: Pipeline): Promise<void> {
  await cp(join(root, 'templates'), join(folder, 'templates'), { recursive: true })
  for (const [path, content] of Object.entries({ ...files, '.gitlab-ci.yml': config })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: folder })
  await git('init', '-q', '-b', 'main')
  await git('add', '-A')
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', 'Start')
  await git('remote', 'add', 'origin', 'git@gitlab.com:acme/platform/shop.git')
}

async function run(sandbox: Sandbox, folder: string, pipeline: Pipeline): Promise<PipelineResult> {
  const variables = { ...sandbox.environment, ...pipeline.variables }
  const flags = ['--force-shell-executor']
  if (pipeline.schema !== 'check') flags.push('--no-json-schema-validation')
  const args = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : ['--variable', `${name}=${value}`],
  )
  const child = spawn('gitlab-ci-local', [...flags, ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      npm_config_cache: (await packCommand()).cache,
      npm_config_update_notifier: 'false',
      GCL_IGNORE_PREDEFINED_VARS: REPLACED,
      ...pipeline.env,
    },
  })
  child.stdin.end()
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  const output = `${stdout}${stderr}`
  refuseSecrets(output, sandbox.environment)
  const ended = [...stdout.matchAll(/^ (PASS|WARN|FAIL) +(\S+)/gm)]
  return { code, output, jobs: Object.fromEntries(ended.map(([, how, job]) => [job, how])) }
}
