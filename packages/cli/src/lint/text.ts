// The report for people: like that of a compiler, with the line and a mark under the place.
import { styleText } from 'node:util'
import { formatPath } from '@port-dispatch/core'
import type { Finding, Severity } from '@port-dispatch/core/lint'
import { count, plain, type Report } from './report.ts'

type Style = Parameters<typeof styleText>[0]

const STYLES: Readonly<Record<Severity, Style>> = { error: 'red', warning: 'yellow', info: 'cyan' }

/** Longer lines are cut around the mark. */
const MAX_WIDTH = 100

/** A block of lines for each finding. */
export function writeText({ findings, sources }: Report): string[] {
  return findings.flatMap((finding) => [
    head(finding),
    ...excerpt(finding, sources.get(finding.file)?.text),
    ...(finding.advice === undefined ? [] : [`    ${style('dim', '=')} ${plain(finding.advice)}`]),
    '',
  ])
}

/** How many of what was found, in one line. */
export function summarize({ findings, actions, suppressed }: Report): string {
  const parts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const many = count(findings, severity)
    const noun = severity === 'info' ? 'note' : severity
    return many === 0 ? [] : [`${many} ${noun}${many === 1 ? '' : 's'}`]
  })
  const what = parts.length === 0 ? 'Nothing found' : `Found ${parts.join(', ')}`
  const where = `in ${actions === 1 ? '1 action' : `${actions} actions`}`
  const rest = suppressed === 0 ? '' : `; ${suppressed} suppressed`
  return `${what} ${where}${rest}.`
}

function head({ severity, rule, file, path, position, action, message }: Finding): string {
  const where = position ? `${file}:${position.line}:${position.column}` : file
  const about = position ? '' : ` ${[action, formatPath(path)].filter(Boolean).join(', ')}`
  const noun = severity === 'info' ? 'note' : severity
  return `${style('bold', where)}${about} ${style(STYLES[severity], noun)} ${style('dim', rule)}\n  ${plain(message)}`
}

function excerpt({ position, severity }: Finding, text: string | undefined): string[] {
  if (!position || text === undefined) return []
  const written = (text.split('\n')[position.line - 1] ?? '').replace(/\r$/, '')
  const column = position.column - 1
  const from = written.length <= MAX_WIDTH ? 0 : Math.max(0, column - MAX_WIDTH / 2)
  const line = visible(written.slice(from, from + MAX_WIDTH))
  const end = position.endLine === position.line ? position.endColumn - 1 : written.length
  const length = Math.max(1, Math.min(end, from + MAX_WIDTH) - column)
  const gutter = String(position.line)
  const indent = visible(written.slice(from, column)).replace(/[^\t]/g, ' ')
  const cut = from > 0 ? '…' : ''
  const bar = style('dim', '|')
  return [
    `  ${style('dim', gutter)} ${bar} ${cut}${line}${from + MAX_WIDTH < written.length ? '…' : ''}`,
    `  ${' '.repeat(gutter.length)} ${bar} ${cut && ' '}${indent}${style(STYLES[severity], '^'.repeat(length))}`,
  ]
}

/** Control characters except tabs as blanks, so that the mark stands under its place. */
function visible(text: string): string {
  return text.replace(/[^\P{C}\t]|[\u2028\u2029]/gu, ' ')
}

function style(format: Style, text: string): string {
  return styleText(format, text, { stream: process.stdout })
}
