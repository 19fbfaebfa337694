import { execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { VARIABLES } from '@port-dispatch/dispatcher/host'
import { describe, expect } from 'vitest'
import { parse } from 'yaml'
import { ActionStep } from '../support/run-action.ts'
import { COMMAND, COMPILE_CACHE, refuseSecrets } from '../support/run-command.ts'
import { sandboxTest as it } from '../support/sandbox-test.ts'

const TOUR = 'docs/tour.md'
const pages = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]

/** The commands of a page, as a person would paste them one after the other into one shell. */
function commands(page: string): string {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```sh\n(.*?)^```/gms)
  return [...blocks]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => !/^(npm|port-dispatch|npx @port-dispatch\/agent)\b/.test(line))
    .join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Runs the commands of a page in a folder, against the sandbox. */
async function runPage(page: string, environment: Record<string, string>, cwd?: string) {
  const port = String(await freePort())
  const script = [
    'set -em',
    `npx() { shift; "${process.execPath}" ${COMMAND.map((part) => `"${part}"`).join(' ')} "$@"; }`,
    commands(page).replaceAll('4010', port),
  ].join('\n')
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment }
  const result = await promisify(execFile)('bash', ['-c', script], { env, cwd })
  refuseSecrets(`${result.stdout}${result.stderr}`, env)
  expect(result.stderr).not.toContain('error:')
  return { ...result, port }
}

/** The lines of the blocks without a language, which show what commands print. */
function shownLines(page: string): string[] {
  const lines: string[] = []
  let language: string | undefined
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const [, fence] = /^```(\w*)$/.exec(line) ?? []
    if (fence !== undefined) language = language === undefined ? fence : undefined
    else if (language === '') lines.push(line)
  }
  return lines
}

describe.concurrent('the commands of the documentation work', () => {
  const inClone = pages.filter(
    (page) => page !== TOUR && page !== 'README.md' && commands(page).includes('npx '),
  )
  it.for(inClone)('%s', async (page, { sandbox }) => {
    await runPage(page, sandbox.environment)
  })

  it('README.md, with the output that it shows', async ({ sandbox }) => {
    const { stdout, stderr } = await runPage('README.md', sandbox.environment)
    const lines = shownLines('README.md')
    expect(lines).toHaveLength(3)
    const printed = `${stdout}\n${stderr}`.replaceAll(sandbox.url, 'https://github.com').split('\n')
    expect(printed).toEqual(expect.arrayContaining(lines))
  })

  it('the step of README.md reports, with nothing but what it shows', async ({ sandbox }) => {
    const [, yaml = ''] =
      /^```yaml\n(- uses.*?)^```/ms.exec(readFileSync('README.md', 'utf8')) ?? []
    const [{ with: inputs }] = parse(yaml)
    expect(Object.keys(inputs)).toEqual(['clientId', 'clientSecret'])
    const payload = { inputs: { port_run_id: 'r_DeployService001' } }
    const step = new ActionStep({ sandbox, event: { name: 'workflow_dispatch', payload } })
    expect(await step.main()).toMatchObject({ code: 0 })
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Running',
      link: step.page,
    })
    expect(await step.post('success')).toMatchObject({ code: 0 })
    expect(sandbox.portRun('r_DeployService001')?.status).toBe('SUCCESS')
  })

  it('the agent of README.md executes the run that waits', async ({ sandbox }) => {
    expect(readFileSync('README.md', 'utf8')).toContain('```sh\nnpx @port-dispatch/agent\n```')
    // The package has one program, which calls this.
    const program = "await (await import('@port-dispatch/agent/main')).main()"
    const child = spawn(
      process.execPath,
      ['--conditions=port-dispatch-source', '--input-type=module', '--eval', program],
      {
        env: {
          PATH: process.env.PATH,
          ...sandbox.environment,
          // So that several can run on one machine, and against a sandbox that has no workflows of Port.
          PORT_DISPATCH_OPERATIONS_LISTEN: '127.0.0.1:0',
          PORT_DISPATCH_NODE_RUNS: 'no',
        },
        stdio: 'ignore',
      },
    )
    const ended = new Promise((resolve) => child.once('close', resolve))
    const isDone = () => sandbox.portRun('r_RestartDeploy001')?.status === 'SUCCESS'
    while (!isDone() && child.exitCode === null) await sleep(50)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(isDone()).toBe(true)
  })

  it('docs/tour.md, in a new folder, with the output that it shows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'port-dispatch-tour-'))
    try {
      const { stdout, stderr, port } = await runPage(TOUR, {}, folder)
      const lines = shownLines(TOUR).map((line) => line.replaceAll('4010', port))
      expect(lines).toHaveLength(8)
      expect(`${stdout}\n${stderr}`.split('\n')).toEqual(expect.arrayContaining(lines))
      expect(await readdir(join(folder, 'deploy-tour'))).toEqual([
        '.github',
        'action.json',
        'context.json',
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

it.for(Object.values(VARIABLES))('docs/environment.md describes %s', (variable) => {
  expect(readFileSync('docs/environment.md', 'utf8')).toContain(`\`${variable}\``)
})

it.for(pages)('npx names the package that is published in %s', (page) => {
  const names = ['cli', 'agent'].map(
    (folder) => JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8')).name,
  )
  const called = readFileSync(page, 'utf8').matchAll(
    /^ *(?:- )?npx (?:--yes )?(?:--package=)?(\S+)/gm,
  )
  for (const [line, spec = ''] of called) {
    expect(names, line).toContain(spec.replace(/@[\d.]+$/, ''))
  }
})
