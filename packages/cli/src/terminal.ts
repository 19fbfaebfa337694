import { styleText } from 'node:util'
import type { Logger } from '@port-dispatch/core'

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

/** What went wrong, for people. */
export function writeError(message: string): void {
  writeMessage(`${style('red', 'error:')} ${message}`)
}
