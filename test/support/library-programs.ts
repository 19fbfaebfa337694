import { spawn } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { signatureHeaders } from '@port-dispatch/core/port'
import { defaultDefinition, type Sandbox } from '@port-dispatch/sandbox'
import { expect } from 'vitest'
import { runProcess } from './run-process.ts'

const PAGE = 'docs/library.md'
const EXAMPLE = 'examples/deploy-service'
/** The Port run of the example's context. */
const RUN_ID = 'r_DeployService001'
const SECRET = defaultDefinition.port.credentials[0]?.clientSecret ?? ''

/** The programs of docs/library.md: blocks whose first line is `` ```ts file=NAME.ts ``. */
export const libraryPrograms: ReadonlyMap<string, string> = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(/^```ts file=(\w+)\.ts\n(.*?)^```/gms)].map(
    ([, name = '', text = '']) => [name, text],
  ),
)

/** Where the programs are, and how Node runs them. */
export interface ProgramFolder {
  path: string
  /** What a program is called there: of sources `ts`, of compiled ones `js`. */
  extension: 'ts' | 'js'
  nodeFlags: readonly string[]
}

/** Writes the programs and the files that they read. */
export function writePrograms(folder: string): void {
  for (const [name, text] of libraryPrograms) writeFileSync(join(folder, `${name}.ts`), text)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const file of ['action.json', 'context.json']) {
    copyFileSync(join(EXAMPLE, file), join(folder, file))
  }
  const inputs = { password: encrypt('hunter2-and-more') }
  writeFileSync(join(folder, 'encrypted-context.json'), JSON.stringify({ inputs }))
}

/** As Port encrypts the value of a user input with `"encryption": "aes256-gcm"`. */
function encrypt(text: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(SECRET).subarray(0, 32), iv)
  const encrypted = [cipher.update(text), cipher.final()]
  return Buffer.concat([iv, ...encrypted, cipher.getAuthTag()]).toString('base64')
}

type Check = (folder: ProgramFolder, sandbox: Sandbox) => Promise<void>

/** What each program does, as the page says. */
export const programChecks: Readonly<Record<string, Check>> = {
  render: async (folder, sandbox) => {
    const { method, failures } = JSON.parse(await run('render', folder, sandbox))
    const rendered = JSON.parse(readFileSync(join(EXAMPLE, 'rendered.json'), 'utf8'))
    expect({ method, failures }).toEqual({ method: rendered, failures: [] })
  },
  dispatch: async (folder, sandbox) => {
    const output = await run('dispatch', folder, sandbox)
    expect(output).toMatch(/^SUCCESS http:.*\/actions\/runs\/\d+\n$/)
    expect(sandbox.portRun(RUN_ID)?.status).toBe('SUCCESS')
  },
  steps: async (folder, sandbox) => {
    const output = await run('steps', folder, sandbox)
    expect(output).toMatch(/^Starting acme\/services\/deploy\.yml\n/)
    expect(output).toMatch(/\nacme\/services\/deploy\.yml ended: success\. http\S+\n$/)
    expect(sandbox.portRun(RUN_ID)?.status).toBe('IN_PROGRESS')
  },
  follow: async (folder, sandbox) => {
    const output = await run('follow', folder, sandbox)
    expect(output).toMatch(/^Starting acme\/services\/deploy\.yml: \{/)
    expect(output).toMatch(/\nSUCCESS\n$/)
  },
  report: async (folder, sandbox) => {
    expect(await run('report', folder, sandbox)).toBe('')
    expect(sandbox.portRun(RUN_ID)).toMatchObject({
      status: 'SUCCESS',
      statusLabel: 'Applied',
      link: 'https://ci.example.com/42',
    })
  },
  express: serves('express'),
  hono: serves('hono'),
  lambda: async (folder, sandbox) => {
    for (const isBase64Encoded of [false, true]) {
      const call = async (headers: Record<string, string>): Promise<unknown> => {
        const body = Buffer.from(MESSAGE).toString(isBase64Encoded ? 'base64' : 'utf8')
        const event = JSON.stringify({ headers, body, isBase64Encoded })
        const program = `import { handler } from './lambda.${folder.extension}'
          console.log(JSON.stringify(await handler(${event})))`
        const flags = [...folder.nodeFlags, '--input-type=module', '--eval', program]
        return JSON.parse(await node(flags, folder, sandbox))
      }
      expect(await call(signed())).toEqual({ statusCode: 202, body: 'Accepted r_1' })
      expect(await call({})).toEqual({ statusCode: 401, body: 'missing-header' })
    }
  },
  decrypt: async (folder, sandbox) => {
    expect(await run('decrypt', folder, sandbox)).toBe('The password has 16 characters\n')
  },
  sandbox: async (folder, sandbox) => {
    expect(await run('sandbox', folder, sandbox)).toBe('SUCCESS\n')
  },
}

const MESSAGE = JSON.stringify({
  context: { runId: 'r_1' },
  payload: { action: { invocationMethod: { type: 'WEBHOOK' } } },
})

function signed(): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000)
  return signatureHeaders({ secret: SECRET, timestamp, body: MESSAGE })
}

/** A server that accepts what is signed and refuses the rest, whatever it is sent. */
function serves(name: string): Check {
  return async (folder, sandbox) => {
    const port = await freePort()
    const child = spawn(process.execPath, [...folder.nodeFlags, file(name, folder)], {
      cwd: folder.path,
      env: { ...environment(sandbox), PORT: String(port) },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const ended = once(child, 'exit')
    const send = async (headers: Record<string, string>, body: string) => {
      const address = `http://127.0.0.1:${port}/port`
      const response = await fetch(address, { method: 'POST', headers, body })
      return [response.status, await response.text()]
    }
    try {
      while (child.exitCode === null && !(await isOpen(port))) await delay(50)
      const json = { 'content-type': 'application/json' }
      expect(await send({ ...json, ...signed() }, MESSAGE)).toEqual([202, 'Accepted r_1'])
      expect(await send({ ...json, ...signed() }, `${MESSAGE} `)).toEqual([202, 'Accepted r_1'])
      expect(await send({ ...json, ...signed() }, '{"other":1}')).toEqual([401, 'mismatch'])
      expect(await send(json, MESSAGE)).toEqual([401, 'missing-header'])
      expect(await send(signed(), '')).toEqual([401, 'mismatch'])
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  }
}

function file(name: string, { extension }: ProgramFolder): string {
  return `${name}.${extension}`
}

async function run(name: string, folder: ProgramFolder, sandbox: Sandbox): Promise<string> {
  return await node([...folder.nodeFlags, file(name, folder)], folder, sandbox)
}

async function node(
  flags: readonly string[],
  { path: cwd }: ProgramFolder,
  sandbox: Sandbox,
): Promise<string> {
  const env = environment(sandbox)
  const { code, stdout, stderr } = await runProcess(process.execPath, flags, { cwd, env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

function environment(sandbox: Sandbox): Record<string, string | undefined> {
  return { PATH: process.env.PATH, ...sandbox.environment }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const open = new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  return await open.finally(() => socket.destroy())
}
