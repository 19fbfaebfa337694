import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { COMMAND, runCommand } from '../support/run-command.ts'
import { runProcess } from '../support/run-process.ts'

let folder: string
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'port-dispatch-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

function start(...flags: string[]) {
  const args = [...COMMAND, 'sandbox', '--port', '0', ...flags]
  const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  const code = new Promise<number | null>((resolve) => started.once('close', resolve))
  return { started, stderr: text(started.stderr), stdout: text(started.stdout), code }
}

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(20)
}

it('the environment is written to a file once the sandbox answers, and the file goes with it', async () => {
  const file = join(folder, 'sandbox.env')
  await writeFile(file, 'export PORT_BASE_URL=http://127.0.0.1:1\n')
  const { started, stdout, stderr, code } = start('--dotenv', file)
  while (!existsSync(file) || readFileSync(file, 'utf8').includes('127.0.0.1:1\n')) await sleep(20)
  const run = await runProcess(
    'bash',
    ['-c', `source "${file}" && curl -sf "$PORT_BASE_URL/" && env`],
    { env: { PATH: process.env.PATH }, cwd: folder },
  )
  expect(run.code).toBe(0)
  expect(run.stdout).toContain('Sandbox of Port, GitHub and GitLab')
  expect(run.stdout).toMatch(/^PORT_CLIENT_ID=\S+$/m)
  started.kill('SIGTERM')
  expect({ code: await code, stdout: await stdout }).toEqual({ code: 0, stdout: '' })
  expect(await stderr).toContain(`source ${file}`)
  expect(existsSync(file)).toBe(false)
})

it('values of a definition are quoted for the shell', async () => {
  const config = join(folder, 'sandbox.yml')
  const secret = "a b'$(touch pwned)"
  await writeFile(
    config,
    JSON.stringify({
      port: { organization: 'o', credentials: [{ clientId: 'id', clientSecret: secret }] },
    }),
  )
  const file = join(folder, 'sandbox.env')
  start('--config', config, '--dotenv', file)
  await appears(file)
  const run = await runProcess('sh', ['-c', `. "${file}"; printf %s "$PORT_CLIENT_SECRET"`], {
    env: { PATH: process.env.PATH },
    cwd: folder,
  })
  expect(run.stdout).toBe(secret)
  expect(existsSync(join(folder, 'pwned'))).toBe(false)
})

it('a file that cannot be written is named', async () => {
  const file = join(folder, 'no', 'such', 'folder.env')
  const { code, stderr } = start('--dotenv', file)
  expect(await code).toBe(2)
  expect(await stderr).toContain(`--dotenv: ${file} cannot be written (ENOENT)`)
})

it('whoever lacks credentials at a terminal hears of the sandbox', async () => {
  const args = ['dispatch', '--action', 'examples/deploy-service/action.json']
  const context = ['--context', 'examples/deploy-service/context.json']
  const { code, stderr } = await runCommand([...args, ...context])
  expect(code).toBe(2)
  expect(stderr).toContain('PORT_CLIENT_ID: is missing')
  expect(stderr).toContain('To try it without an account')
  const inCi = await runCommand([...args, ...context], { env: { CI: 'true' } })
  expect(inCi.stderr).not.toContain('without an account')
})
