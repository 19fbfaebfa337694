import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { refuseLibraryNames } from './setting-names.ts'

export interface CommandOptions {
  env?: Record<string, string | undefined>
  input?: string
  cwd?: string
  /** Called with the process as soon as it runs. */
  onSpawn?: (child: ChildProcess) => void
}

export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const BUNDLE = fileURLToPath(new URL('../../packages/cli/bin/port-dispatch.cjs', import.meta.url))
const { PORT_DISPATCH_BUNDLE, PORT_DISPATCH_TEST_COMMAND } = process.env
/**
 * What node runs as `port-dispatch`: what `bundle-command.ts` has made of the sources, outside of the tests the sources, and
 * with `PORT_DISPATCH_BUNDLE=1` the bundle that is published, which must have been built.
 */
export const COMMAND: readonly string[] =
  PORT_DISPATCH_BUNDLE === '1'
    ? [BUNDLE]
    : PORT_DISPATCH_TEST_COMMAND
      ? [PORT_DISPATCH_TEST_COMMAND]
      : ['--conditions=port-dispatch-source', MAIN]
/** Halves the start of a process. */
export const COMPILE_CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/compile', import.meta.url),
)
const SECRET_VARIABLES = [
  'PORT_CLIENT_SECRET',
  'GITHUB_TOKEN',
  'GITLAB_TOKEN',
  'GITLAB_TRIGGER_TOKEN',
]

/** Runs `port-dispatch` as a process of its own, with nothing in its environment but what is given. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env }
  const child = spawn(process.execPath, [...COMMAND, ...args], {
    env,
    cwd: options.cwd,
  })
  child.stdin.end(options.input ?? '')
  options.onSpawn?.(child)
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  refuseSecrets(`${stdout}${stderr}`, env)
  refuseLibraryNames(`${stdout}${stderr}`)
  return { code, stdout, stderr }
}

/** No secret may appear in any output, in plain or as base64. */
export function refuseSecrets(output: string, env: Record<string, string | undefined>): void {
  for (const name of SECRET_VARIABLES) {
    const secret = env[name]
    if (!secret) continue
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64'),
      encodeURIComponent(secret),
    ]) {
      if (output.includes(form))
        throw new Error(`The output holds the value of ${name}:\n${output}`)
    }
  }
}
