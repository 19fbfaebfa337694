import { styleText } from 'node:util'
import { formatError, type Logger, PortDispatchError } from '@port-dispatch/core'
import { describeReport, type ReportResult } from '@port-dispatch/core/port'
import { settingName } from './setting-names.ts'

type Style = Parameters<typeof styleText>[0]

/** Styles text where standard error is a terminal that shows colors, honouring NO_COLOR and FORCE_COLOR. */
export function style(format: Style, text: string): string {
  return styleText(format, text, { stream: process.stderr })
}

/** Machine output. */
export function writeOutput(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Messages for people go to standard error. */
export const terminalLogger: Logger = {
  info: (message) => writeMessage(message),
  notice: (message) => writeMessage(`${style('cyan', 'note:')} ${message}`),
  warning: (message) => writeMessage(`${style('yellow', 'warning:')} ${message}`),
}

/** A message for people. */
export function writeMessage(message: string): void {
  process.stderr.write(`${message}\n`)
}

/** What went wrong, in the words of the command. */
export function writeError(error: PortDispatchError | string): void {
  const text = error instanceof PortDispatchError ? formatError(error, settingName) : error
  writeMessage(`${style('red', 'error:')} ${text}`)
}

/** What is worth saying of a report: that a run was left alone, or what Port did not get, in full. */
export function printReport(result: ReportResult): void {
  const said = describeReport(result, settingName)
  if (said) terminalLogger[said.level](said.text)
}
