import { error, notice, setFailed, warning } from '@actions/core'
import { formatPhrase } from '@port-dispatch/core'
import type { Finding, Severity } from '@port-dispatch/core/lint'
import { sanitize } from '@port-dispatch/core/text'
import { lintFiles } from '@port-dispatch/dispatcher/host/lint'
import { checkInputs } from '../../inputs/check-inputs.ts'
import { badInput, requiredInput, textInput } from '../../inputs/inputs.ts'
import { runnerLogger, settingName } from '../../runner.ts'

const ANNOTATE: Readonly<Record<Severity, typeof error>> = { error, warning, info: notice }

/** `operation: LINT`: makes an annotation of each mistake in actions and in what they start, and sends nothing. */
export async function lintActions(): Promise<void> {
  checkInputs('LINT')
  const actions = requiredInput('actions', 'give files or folders with actions, one on each line')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  const maxWarnings = countInput()
  const result = await lintFiles({
    actions,
    repo: textInput('repo') ?? '.',
    config: textInput('config'),
  })
  for (const finding of result.findings) annotate(finding)
  const errors = countOf(result.findings, 'error')
  const warnings = countOf(result.findings, 'warning')
  const summary = `Linted ${result.actions} actions: ${errors} errors, ${warnings} warnings`
  if (errors > 0 || warnings > maxWarnings) setFailed(`${summary}.`)
  else runnerLogger.info(`${summary}.`)
}

function annotate({ rule, severity, file, position, message, advice }: Finding): void {
  const text = [message, advice]
    .filter((part) => part !== undefined)
    .map((part) => formatPhrase(part, settingName))
    .map((part) => (/[.?!…]$/.test(part) ? part : `${part}.`))
    .join(' ')
  const isOneLine = position !== undefined && position.line === position.endLine
  ANNOTATE[severity](sanitize(text), {
    title: `port-dispatch: ${rule}`,
    file,
    ...(position && { startLine: position.line, endLine: position.endLine }),
    // GitHub shows columns in one line only.
    ...(isOneLine && { startColumn: position.column, endColumn: position.endColumn }),
  })
}

function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length
}

function countInput(): number {
  const text = textInput('maxWarnings')
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (!/^\d+$/.test(text)) throw badInput('maxWarnings', `found "${text}"; expected a number`)
  return Number(text)
}
