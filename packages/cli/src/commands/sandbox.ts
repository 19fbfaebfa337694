import { InputError } from '@port-dispatch/core'
import { readDocument } from '@port-dispatch/dispatcher/host'
import {
  DefinitionError,
  parseSandboxDefinition,
  type SandboxDefinition,
  startSandbox,
} from '@port-dispatch/sandbox'
import type { Command } from 'commander'
import { valueFlag } from '../flags.ts'
import type { Terminal } from '../terminal.ts'

interface SandboxFlags {
  port: string
  config?: string
}

/** `port-dispatch sandbox`: serves the stand-ins until it is interrupted. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .addOption(
      valueFlag('--port <number>', 'port to listen on', 'PORT_DISPATCH_SANDBOX_PORT').default(
        '4010',
      ),
    )
    .addOption(
      valueFlag(
        '--config <file>',
        'what it holds, instead of the example',
        'PORT_DISPATCH_SANDBOX_CONFIG',
      ),
    )
    .action((flags: SandboxFlags) => sandbox(flags, terminal))
}

async function sandbox({ port, config }: SandboxFlags, terminal: Terminal): Promise<void> {
  const definition = config === undefined ? undefined : await readDefinition(config)
  const sandbox = await listen(parsePort(port), definition)
  terminal.message(
    `Port, GitHub and GitLab answer at ${sandbox.url}. The environment that points a tool at them is on standard output.`,
  )
  for (const [name, value] of Object.entries(sandbox.environment))
    terminal.output(`export ${name}=${value}`)
  terminal.message('Press Ctrl-C to stop it.')
  const { promise: interrupted, resolve } = Promise.withResolvers<void>()
  process.once('SIGINT', () => resolve())
  process.once('SIGTERM', () => resolve())
  await interrupted
  await sandbox.close()
}

async function listen(port: number, definition: SandboxDefinition | undefined) {
  try {
    return await startSandbox({ port, ...(definition && { definition }) })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    const message = code === 'EACCES' ? 'needs more privileges' : 'is in use'
    throw new InputError('The sandbox cannot start:', [
      {
        path: '--port',
        found: `${port} ${message}`,
        advice: 'Choose another, or 0 for a free one',
      },
    ])
  }
}

async function readDefinition(path: string): Promise<SandboxDefinition> {
  const document = await readDocument(path, 'The sandbox definition', { excerpt: 'show' })
  try {
    return parseSandboxDefinition(document)
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error
    throw new InputError(
      `The sandbox definition ${path} is not valid:`,
      error.problems.map((message) => ({ path: '', found: message })),
    )
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InputError('The sandbox cannot start:', [
    { path: '--port', found: `found "${text}"`, expected: 'a number up to 65535' },
  ])
}
