// What render and dispatch share: the flags that name an action and what its templates see, and what is printed of a
// rendering.
import { InputError, phrase, setting } from '@port-dispatch/core'
import type { RenderedInvocation } from '@port-dispatch/core/action'
import { formatFailure } from '@port-dispatch/core/template'
import type { Option } from 'commander'
import { switchFlag, valueFlag } from './flags.ts'
import { style, terminalLogger, writeMessage } from './terminal.ts'

export const actionFlag = (): Option =>
  valueFlag(
    '--action <file>',
    'action or invocation method: a file (JSON or YAML), - for standard input, inline JSON, or the identifier of an action in Port',
    'PORT_DISPATCH_ACTION',
  ).makeOptionMandatory()

export const contextFlag = (): Option =>
  valueFlag(
    '--context <file>',
    'trigger data or run message: a file (JSON or YAML), - for standard input, or inline JSON',
    'PORT_DISPATCH_CONTEXT',
  )

export const strictFlag = (): Option =>
  switchFlag('--strict', 'refuse a payload in which an expression failed', 'PORT_DISPATCH_STRICT')

/** @throws InputError if action and context are both to come from standard input */
export function refuseSharedInput({ action, context }: { action: string; context?: string }): void {
  if (action !== '-' || context !== '-') return
  throw new InputError('Standard input can only be read once:', [
    {
      setting: 'context',
      found: phrase`found -, and so is ${setting('action')}`,
      advice: 'Give one of them as a file',
    },
  ])
}

/** Shows what a rendering has to say besides its value, the way a compiler would. */
export function printDiagnostics({
  failures,
  notes,
}: Pick<RenderedInvocation, 'failures' | 'notes'>): void {
  for (const failure of failures) writeMessage(formatFailure(failure))
  for (const { path, message } of notes) terminalLogger.notice(`${path}: ${message}`)
  if (failures.length > 0) {
    const count = failures.length === 1 ? '1 expression' : `${failures.length} expressions`
    writeMessage(style('yellow', `${count} failed and became null, as in Port.`))
  }
}
