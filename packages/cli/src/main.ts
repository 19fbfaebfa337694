import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { PortDispatchError } from '@port-dispatch/core'
import { credentialsOf, endProcess, explainMissing } from '@port-dispatch/dispatcher/host'
import { Command, CommanderError } from 'commander'
import { ExitCode, ExitWith, exitCodeOfError } from './exit-code.ts'
import { dropNegativeSwitches } from './flags.ts'
import { Terminal } from './terminal.ts'

/** A subcommand: a file that declares its flags and does its work, loaded when it is called. */
interface Subcommand {
  description: string
  load: () => Promise<{ configure: (command: Command, terminal: Terminal) => void }>
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  render: {
    description: 'print the invocation method of an action with every template rendered',
    load: () => import('./commands/render.ts'),
  },
  dispatch: {
    description: 'render an action, start its workflow or pipeline, and report to Port',
    load: () => import('./commands/dispatch.ts'),
  },
  report: {
    description: 'report on a Port run from inside a CI job',
    load: () => import('./commands/report.ts'),
  },
  verify: {
    description: 'check the signature of a webhook or Kafka message that was received',
    load: () => import('./commands/verify.ts'),
  },
  migrate: {
    description: 'rewrite workflows from port-github-action',
    load: () => import('./commands/migrate.ts'),
  },
  sandbox: {
    description: 'serve local stand-ins of Port, GitHub and GitLab',
    load: () => import('./commands/sandbox.ts'),
  },
  demo: {
    description: 'run an end-to-end demo in the sandbox',
    load: () => import('./commands/demo.ts'),
  },
}

/** @param called loads this subcommand only; the others are there for the list that `--help` shows */
async function createProgram(called: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command('port-dispatch')
    .description('Run Port self-service actions on GitHub Actions and GitLab CI')
    .version(version())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run it with --help to see how it is used.')
  for (const [name, { description, load }] of Object.entries(SUBCOMMANDS)) {
    const command = program.command(name).description(description)
    if (called.includes(name)) (await load()).configure(command, terminal)
  }
  return program
}

function version(): string {
  const file = findPackageJSON(import.meta.url)
  if (file === undefined) return 'unknown'
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

async function main(): Promise<ExitCode> {
  const terminal = new Terminal()
  terminal.hide(credentialsOf(process.env))
  // Node would print the source text around it, which in a bundle is all of it.
  process.once('uncaughtException', (error) => void endProcess(exitCodeOf(error, terminal)))
  try {
    const program = await createProgram(process.argv.slice(2), terminal)
    dropNegativeSwitches(program, process.env)
    await program.parseAsync()
    return ExitCode.done
  } catch (error) {
    return exitCodeOf(error, terminal)
  }
}

/** The one place where the command fails. */
function exitCodeOf(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof ExitWith) return error.exitCode
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
  }
  if (error instanceof PortDispatchError) {
    terminal.error(error)
    const explanation = explainMissing(error.problems, process.env)
    if (explanation) terminal.message(explanation)
    return exitCodeOfError(error)
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' }
  terminal.error(`Unexpected error: ${message}`)
  terminal.message(
    process.env.PORT_DISPATCH_DEBUG
      ? `${stack}`
      : 'This is a fault of port-dispatch. Please report it with this message and the output of the same command with PORT_DISPATCH_DEBUG=1.',
  )
  return ExitCode.unexpected
}

void main().then((code) => endProcess(code))
