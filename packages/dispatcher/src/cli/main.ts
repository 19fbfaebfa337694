import { readFileSync } from 'node:fs'
import { type ErrorCode, PortDispatchError } from '@port-dispatch/core'
import { Command, CommanderError } from 'commander'
import { ExitCode } from './exit-code.ts'
import { ExitWith } from './exit-with.ts'
import { dropNegativeSwitches, durationFlag, switchFlag, valueFlag } from './flags.ts'
import { writeError } from './terminal.ts'

const actionFlag = () =>
  valueFlag(
    '--action <file>',
    'action definition or invocation method: a file (JSON or YAML), - for standard input, or the identifier of an action in Port',
    'PORT_DISPATCH_ACTION',
  ).makeOptionMandatory()

const contextFlag = () =>
  valueFlag(
    '--context <file>',
    'trigger data or run message: a file (JSON or YAML), or - for standard input',
    'PORT_DISPATCH_CONTEXT',
  ).makeOptionMandatory()

const strictFlag = () =>
  switchFlag('--strict', 'refuse a payload in which an expression failed', 'PORT_DISPATCH_STRICT')

const jsonFlag = (what: string) =>
  switchFlag('--json', `print ${what} as JSON`, 'PORT_DISPATCH_JSON')

const reportTimeoutFlag = () =>
  durationFlag(
    '--report-timeout <time>',
    'time for all reporting to Port',
    'PORT_DISPATCH_REPORT_TIMEOUT',
    '30s',
  )

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
    .addOption(contextFlag())
    .addOption(strictFlag())
    .addOption(jsonFlag('the payload with the failures and notes'))
    .action(async (options) => (await import('./render.ts')).render(options))

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
      switchFlag('--dry-run', 'check and print what would be sent', 'PORT_DISPATCH_DRY_RUN'),
    )
    .addOption(switchFlag('--no-report', 'do not report to Port', 'PORT_DISPATCH_NO_REPORT'))
    .addOption(
      valueFlag('--run-id <id>', 'Port run, if the context does not name it', 'PORT_RUN_ID'),
    )
    .addOption(reportTimeoutFlag())
    .addOption(jsonFlag('what was started'))
    .action(async (options) => (await import('./dispatch.ts')).dispatchCommand(options))

  const report = program.command('report').description('report on a Port run from inside a CI job')
  const stages = {
    start: 'say where the run runs',
    update: 'change the label, the links or the log of a run that goes on',
    finish: 'end the run',
  }
  for (const [stage, description] of Object.entries(stages)) {
    const command = report
      .command(stage)
      .description(description)
      .addOption(
        valueFlag('--run-id <id>', 'Port run; in CI it is found in the inputs', 'PORT_RUN_ID'),
      )
      .addOption(
        valueFlag(
          '--status-label <text>',
          'short words for where it stands',
          'PORT_DISPATCH_STATUS_LABEL',
        ),
      )
      .addOption(valueFlag('--log <text>', 'line for the log of the run', 'PORT_DISPATCH_LOG'))
      .addOption(
        valueFlag(
          '--link <url...>',
          'where to look; in CI the page of the run',
          'PORT_DISPATCH_LINK',
        ),
      )
      .addOption(valueFlag('--summary <text>', 'summary of the run', 'PORT_DISPATCH_SUMMARY'))
      .addOption(
        valueFlag(
          '--external-run-id <id>',
          'id of the run in the CI system; found in CI',
          'PORT_DISPATCH_EXTERNAL_RUN_ID',
        ),
      )
      .addOption(reportTimeoutFlag())
    if (stage === 'finish') {
      command.addOption(
        valueFlag(
          '--status <status>',
          'SUCCESS or FAILURE, or the status of the job in the words of GitHub or GitLab',
          'PORT_DISPATCH_STATUS',
        ),
      )
    }
    command.action(async (options) => (await import('./report.ts')).report(stage, options))
  }

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
    .action(async (options) => (await import('./sandbox.ts')).sandbox(options))

  program
    .command('demo')
    .description('show the whole story on the sandbox')
    .action(async () => (await import('./demo.ts')).demo())

  return program
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const EXIT_CODES: Record<ErrorCode, ExitCode> = {
  INPUT: ExitCode.usage,
  STRICT: ExitCode.failed,
  BACKEND: ExitCode.refused,
  PORT: ExitCode.refused,
}

async function main(): Promise<ExitCode> {
  const program = createProgram()
  try {
    dropNegativeSwitches(process.env)
    await program.parseAsync()
    return ExitCode.done
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    }
    if (error instanceof PortDispatchError) {
      writeError(error.message)
      return EXIT_CODES[error.code]
    }
    throw error
  }
}

process.exitCode = await main()
