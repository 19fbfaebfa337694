import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { Sandbox } from '@port-dispatch/sandbox'
import { expect, it } from 'vitest'
import { COMMAND, runCommand } from '../support/run-command.ts'
import { runProcess } from '../support/run-process.ts'
import { sandboxTest } from '../support/sandbox-test.ts'

// A reserved name: no server knows it, whatever the network.
const env = {
  PATH: process.env.PATH,
  TERM: 'xterm',
  PORT_CLIENT_ID: 'id',
  PORT_CLIENT_SECRET: 'waiting-test-secret',
  PORT_BASE_URL: 'https://port.invalid',
}
const command = [process.execPath, ...COMMAND, 'report', 'start']
const args = [...command, '--run-id', 'r_1', '--report-timeout', '2m']

/** Reads what a process prints until it holds a text, and ends the process. */
async function printsUntil(file: string, rest: readonly string[], wanted: RegExp): Promise<string> {
  const child = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let printed = ''
  try {
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        printed += chunk
        if (wanted.test(printed)) resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('close', () => reject(new Error(`It ended first:\n${printed}`)))
    })
    return printed
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
}

it('an address that cannot be resolved is said at the first failure, in one line', async () => {
  const [file = '', ...rest] = args
  const printed = await printsUntil(file, rest, /\n/)
  expect(printed).toMatch(
    /^Request to port\.invalid failed: .* \((ENOTFOUND|EAI_AGAIN)\)\. Trying again\.\n$/,
  )
})

it.runIf(existsSync('/usr/bin/script'))('on a terminal a line counts down', async () => {
  const line = args.map((word) => `'${word}'`).join(' ')
  const printed = await printsUntil(
    '/usr/bin/script',
    ['-qec', line, '/dev/null'],
    /at most\r.*at most/s,
  )
  expect(printed).toContain('Request to port.invalid failed:')
  expect(stripVTControlCharacters(printed)).toMatch(
    /\rTrying port\.invalid again for \d+ s at most/,
  )
})

const action = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
const workflowInputs = { service: 'checkout', environment: 'staging' }

function dispatchArgs(sandbox: Sandbox, method: object): { runId: string; args: string[] } {
  const { id: runId } = sandbox.createPortRun('deploy_service')
  const given = ['--action', JSON.stringify({ ...action, workflowInputs, ...method })]
  const context = ['--context', JSON.stringify({ inputs: {}, run: { id: runId } })]
  return { runId, args: ['dispatch', ...given, ...context, '--wait'] }
}

sandboxTest('whoever waits hears that the workflow must end the Port run', async ({ sandbox }) => {
  const open = dispatchArgs(sandbox, { reportWorkflowStatus: false })
  const { code, stderr } = await runCommand(open.args, { env: sandbox.environment })
  const note = `reportWorkflowStatus is false, so the workflow itself must end Port run ${open.runId}.`
  expect(code).toBe(0)
  expect(stderr).toContain(note)
  expect(stderr.indexOf(note)).toBeLessThan(stderr.indexOf('Started acme/services/deploy.yml'))
  const ended = dispatchArgs(sandbox, {})
  const other = await runCommand(ended.args, { env: sandbox.environment })
  expect(other.stderr).not.toContain('itself must end')
})

sandboxTest.runIf(existsSync('/usr/bin/script'))(
  'on a terminal the address is printed once at the end, and elsewhere also for machines',
  async ({ sandbox }) => {
    const { args: given } = dispatchArgs(sandbox, {})
    const piped = await runCommand(given, { env: sandbox.environment })
    const [run] = sandbox.githubRuns('acme/services')
    expect(piped.stdout).toBe(`${run?.url}\n`)
    const again = dispatchArgs(sandbox, {})
    const line = [process.execPath, ...COMMAND, ...again.args].map((word) => `'${word}'`).join(' ')
    const env = { PATH: process.env.PATH, TERM: 'xterm', ...sandbox.environment }
    const shown = await runProcess('/usr/bin/script', ['-qec', line, '/dev/null'], {
      env,
      cwd: '.',
    })
    const end = shown.stdout.slice(shown.stdout.indexOf(' ended: success'))
    expect(end.match(/https?:\/\/\S+\/actions\/runs\/\d+/g)).toHaveLength(1)
  },
)
