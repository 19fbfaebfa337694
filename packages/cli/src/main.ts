import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { PortDispatchError } from '@port-dispatch/core'
import { explainMissingVariable, useProxy } from '@port-dispatch/dispatcher/host'
import { Command, CommanderError } from 'commander'
import { addReport } from './commands/add-report.ts'
import { ExitCode, exitCodeOfError } from './exit-code.ts'
import { ExitWith } from './exit-with.ts'
import {
  dropNegativeSwitches,
  durationFlag,
  reportTimeoutFlag,
  switchFlag,
  valueFlag,
} from './flags.ts'
import { terminalLogger, writeError, writeMessage } from './terminal.ts'

const actionFlag = () =>
  valueFlag(
    '--action <file>',
    'action or invocation method: a file (JSON or YAML), - for standard input, inline JSON, or the identifier of an action in Port',
    'PORT_DISPATCH_ACTION',
  ).makeOptionMandatory()

const contextFlag = () =>
  valueFlag(
    '--context <file>',
    'trigger data or run message: a file (JSON or YAML), - for standard input, or inline JSON',
    'PORT_DISPATCH_CONTEXT',
  )

const strictFlag = () =>
  switchFlag('--strict', 'refuse a payload in which an expression failed', 'PORT_DISPATCH_STRICT')

const jsonFlag = (what: string) =>
  switchFlag('--json', `print ${what} as JSON`, 'PORT_DISPATCH_JSON')

function createProgram(): Command {
  const program = new Command('port-dispatch')
    .description('Run Port self-service actions on GitHub Actions and GitLab CI')
    .version(version())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Run it with --help to see how it is used.')

  program
    .command('render')
    .description('print the invocation method of an action with every template rendered')
    .addOption(actionFlag())
    .addOption(contextFlag().makeOptionMandatory())
    .addOption(strictFlag())
    .addOption(jsonFlag('the payload with the failures and notes'))
    .action(async (options) => (await import('./commands/render.ts')).render(options))

  program
    .command('dispatch')
    .description('render an action, start its workflow or pipeline, and report to Port')
    .addOption(actionFlag())
    .addOption(contextFlag())
    .addOption(strictFlag())
    .addOption(switchFlag('--wait', 'follow the run to its end', 'PORT_DISPATCH_WAIT'))
    .addOption(durationFlag('--timeout <time>', 'how long to wait', 'PORT_DISPATCH_TIMEOUT', '1h'))
    .addOption(
      valueFlag(
        '--on-cancel <what>',
        'what becomes of the run when the waiting is interrupted',
        'PORT_DISPATCH_ON_CANCEL',
      )
        .choices(['cancel', 'leave'])
        .default('leave'),
    )
    .addOption(
      valueFlag(
        '--on-manual <what>',
        'whether to go on waiting while a manual job or an approval waits for a person',
        'PORT_DISPATCH_ON_MANUAL',
      )
        .choices(['wait', 'stop'])
        .default('wait'),
    )
    .addOption(
      switchFlag('--dry-run', 'check and print what would be sent', 'PORT_DISPATCH_DRY_RUN'),
    )
    .addOption(switchFlag('--no-report', 'do not report to Port', 'PORT_DISPATCH_NO_REPORT'))
    .addOption(
      valueFlag('--run-id <id>', 'Port run, if the context does not name it', 'PORT_RUN_ID'),
    )
    .addOption(reportTimeoutFlag())
    .addOption(jsonFlag('what was started'))
    .addOption(
      valueFlag(
        '--dotenv <file>',
        'write what was started as variables, for later jobs of GitLab CI',
        'PORT_DISPATCH_DOTENV',
      ),
    )
    .addOption(
      valueFlag(
        '--dotenv-prefix <text>',
        'what the names of these variables begin with',
        'PORT_DISPATCH_DOTENV_PREFIX',
      ).default('DISPATCHED_'),
    )
    .action(async (options) => (await import('./commands/dispatch.ts')).dispatchCommand(options))

  addReport(program)

  program
    .command('sandbox')
    .description('serve local stand-ins of Port, GitHub and GitLab')
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
    .action(async (options) => (await import('./commands/sandbox.ts')).sandbox(options))

  program
    .command('demo')
    .description('show the whole story on the sandbox')
    .action(async () => (await import('./commands/demo.ts')).demo())

  return program
}

function version(): string {
  const file = findPackageJSON(import.meta.url)
  if (file === undefined) return 'unknown'
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

async function main(): Promise<ExitCode> {
  const program = createProgram()
  try {
    dropNegativeSwitches(process.env)
    const problem = await useProxy(process.env)
    if (problem) terminalLogger.warning(problem)
    await program.parseAsync()
    return ExitCode.done
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    }
    if (error instanceof PortDispatchError) {
      writeError(error.message)
      const explanation = explainMissingVariable(error, process.env)
      if (explanation) writeMessage(explanation)
      return exitCodeOfError(error)
    }
    throw error
  }
}

process.exitCode = await main()
