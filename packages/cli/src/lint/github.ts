import type { Severity } from '@port-dispatch/core/lint'
import { sanitize } from '@port-dispatch/core/text'
import { type Report, sentences } from './report.ts'

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
}

/**
 * The report as commands of GitHub's runner, which make annotations of a pull request.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function writeGithub({ findings }: Report): string[] {
  return findings.map((finding) => {
    const { severity, rule, file, position } = finding
    const properties = {
      file,
      ...(position && {
        line: position.line,
        endLine: position.endLine,
        // Columns are shown for one line only.
        ...(position.line === position.endLine && {
          col: position.column,
          endColumn: position.endColumn,
        }),
      }),
      title: `port-dispatch: ${rule}`,
    }
    const list = Object.entries(properties).map(([key, value]) => `${key}=${property(`${value}`)}`)
    return `::${COMMANDS[severity]} ${list.join(',')}::${data(sentences(finding))}`
  })
}

function data(text: string): string {
  return sanitize(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
