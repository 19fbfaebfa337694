import type { Command } from 'commander'
import { reportTimeoutFlag, switchFlag, valueFlag } from '../flags.ts'

const STAGES = {
  start: 'say where the run runs',
  update: 'change the label, the links or the log of a run that goes on',
  finish: 'end the run',
}

/** Adds `report start`, `report update` and `report finish`. */
export function addReport(program: Command): void {
  const report = program.command('report').description('report on a Port run from inside a CI job')
  for (const [stage, description] of Object.entries(STAGES)) {
    const command = report
      .command(stage)
      .description(description)
      .addOption(
        valueFlag('--run-id <id>', 'Port run; in CI it is found in the inputs', 'PORT_RUN_ID'),
      )
      .addOption(
        switchFlag(
          '--if-port-run',
          'do nothing if no Port run started this job',
          'PORT_DISPATCH_IF_PORT_RUN',
        ),
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
}
