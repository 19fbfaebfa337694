import { InputError } from '@port-dispatch/core'
import { sanitize } from '@port-dispatch/core/text'
import { lintFiles } from '@port-dispatch/dispatcher/host/lint'
import { type Command, InvalidArgumentError } from 'commander'
import { ExitCode, ExitWith } from '../exit-code.ts'
import { valueFlag } from '../flags.ts'
import { count, type Report } from '../lint/report.ts'
import type { Terminal } from '../terminal.ts'

type Format = 'text' | 'json' | 'sarif' | 'github'

interface LintFlags {
  repo?: string
  workflow?: string
  pipeline?: string
  format: Format
  config?: string
  maxWarnings?: number
}

const EXIT_CODES = `
Exit codes: 0 no errors; 1 errors, or more warnings than --max-warnings allows; 2 wrong use, or a file that cannot be read.`

/** `port-dispatch lint`: finds mistakes in actions before anyone runs them. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<action...>', 'actions: files (JSON or YAML), FILE#identifier, folders, or -')
    .addOption(
      valueFlag(
        '--repo <folder>',
        'working copy of the repository whose workflows and pipeline they start',
        'PORT_DISPATCH_REPO',
      ).conflicts(['workflow', 'pipeline']),
    )
    .addOption(
      valueFlag('--workflow <file>', 'the GitHub workflow they start', 'PORT_DISPATCH_WORKFLOW'),
    )
    .addOption(
      valueFlag('--pipeline <file>', 'the GitLab pipeline they start', 'PORT_DISPATCH_PIPELINE'),
    )
    .addOption(
      valueFlag('--format <format>', 'how to print findings', 'PORT_DISPATCH_FORMAT')
        .choices(['text', 'json', 'sarif', 'github'])
        .default('text'),
    )
    .addOption(
      valueFlag(
        '--max-warnings <number>',
        'exit with 1 if there are more warnings',
        'PORT_DISPATCH_MAX_WARNINGS',
      ).argParser(parseCount),
    )
    .addOption(
      valueFlag(
        '--config <file>',
        'configuration, by default port-dispatch.yml of this folder or of the repository',
        'PORT_DISPATCH_CONFIG',
      ),
    )
    .addHelpText('after', EXIT_CODES)
    .action((actions: string[], flags: LintFlags) => lint(actions, flags, terminal))
}

/** An empty variable, as a component of GitLab sets it, is none. */
function parseCount(text: string): number {
  if (text === '') return Number.POSITIVE_INFINITY
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a number.')
  return Number(text)
}

async function lint(actions: string[], flags: LintFlags, terminal: Terminal): Promise<void> {
  const { repo, workflow, pipeline, config, format, maxWarnings } = flags
  if (actions.filter((action) => action === '-').length > 1) {
    throw new InputError('Standard input can only be read once:', [
      { path: 'action', found: 'found - twice' },
    ])
  }
  const report = await lintFiles({ actions, repo, workflow, pipeline, config })
  await print(report, format, terminal)
  const warnings = count(report.findings, 'warning')
  const isTooMany = maxWarnings !== undefined && warnings > maxWarnings
  if (isTooMany && format === 'text') {
    terminal.message(`There are more warnings than --max-warnings ${maxWarnings} allows.`)
  }
  if (isTooMany || count(report.findings, 'error') > 0) throw new ExitWith(ExitCode.failed)
}

/** Findings are the output of this command, in every format. */
async function print(report: Report, format: Format, terminal: Terminal): Promise<void> {
  switch (format) {
    case 'text': {
      const { summarize, writeText } = await import('../lint/text.ts')
      for (const line of writeText(report)) terminal.output(sanitize(terminal.redactor(line)))
      terminal.message(summarize(report))
      return
    }
    case 'github': {
      const { writeGithub } = await import('../lint/github.ts')
      for (const line of writeGithub(report)) terminal.output(terminal.redactor(line))
      return
    }
    case 'json':
      terminal.json((await import('../lint/json.ts')).writeJson(report), 2)
      return
    case 'sarif': {
      const { writeSarif } = await import('../lint/sarif.ts')
      const { version } = await import('../version.ts')
      terminal.json(writeSarif(report, version()), 2)
    }
  }
}
