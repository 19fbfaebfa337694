import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { InputError } from '@port-dispatch/core'
import { errorCode } from '@port-dispatch/core/http'
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
  dotenv?: string
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
        'definition of what it serves, instead of the example',
        'PORT_DISPATCH_SANDBOX_CONFIG',
      ),
    )
    .addOption(
      valueFlag(
        '--dotenv <file>',
        'write the export lines to this file once the sandbox responds, instead of standard output; the file is removed when the sandbox stops',
        'PORT_DISPATCH_SANDBOX_DOTENV',
      ),
    )
    .action((flags: SandboxFlags) => sandbox(flags, terminal))
}

async function sandbox(flags: SandboxFlags, terminal: Terminal): Promise<void> {
  const { config, dotenv } = flags
  const definition = config === undefined ? undefined : await readDefinition(config)
  // Whoever waits for the file must not take that of another sandbox for it.
  if (dotenv !== undefined) removeFile(dotenv)
  const sandbox = await listen(parsePort(flags.port), definition)
  const lines = Object.entries(sandbox.environment).map(
    ([name, value]) => `export ${name}=${quoted(value)}`,
  )
  terminal.message(
    `The sandbox serves Port, GitHub and GitLab at ${sandbox.url}. Open it in a browser to see what happens.`,
  )
  if (dotenv === undefined) {
    terminal.message('To use it, set these variables in another terminal:')
    terminal.output(lines.join('\n'))
  } else {
    try {
      writeWhole(dotenv, `${lines.join('\n')}\n`)
    } catch (error) {
      await sandbox.close()
      throw error
    }
    terminal.message(`To use it, run in another terminal: source ${quoted(dotenv)}`)
  }
  terminal.message('Press Ctrl-C to stop it.')
  const { promise: interrupted, resolve } = Promise.withResolvers<void>()
  process.once('SIGINT', () => resolve())
  process.once('SIGTERM', () => resolve())
  await interrupted
  if (dotenv !== undefined) removeFile(dotenv)
  await sandbox.close()
}

/** As a shell reads it: as one word, in which nothing is replaced. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Writes a file that is there with all of its text, or not at all. */
function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch (error) {
    throw fileError(path, error)
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw fileError(path, error)
  }
}

function fileError(path: string, error: unknown): InputError {
  const found = `${path} cannot be written (${errorCode(error)})`
  const advice = 'Give the path of a file in a folder that exists'
  return new InputError('The sandbox cannot start:', [{ path: '--dotenv', found, advice }], {
    cause: error,
  })
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
