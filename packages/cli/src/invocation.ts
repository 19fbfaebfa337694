// What render and dispatch share: the flags that name an action and what its templates see, and what is printed of a
// rendering.
import { InputError, phrase, setting } from '@port-dispatch/core'
import type { RenderedInvocation } from '@port-dispatch/core/action'
import { formatFailure } from '@port-dispatch/core/template'
import type { Option } from 'commander'
import { durationFlag, switchFlag, valueFlag } from './flags.ts'
import type { Terminal } from './terminal.ts'

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

/** Time that the expressions of a payload can take. */
export const jqTimeoutFlag = (): Option =>
  durationFlag(
    '--jq-timeout <time>',
    'CPU time limit for all expressions of a payload together',
    'PORT_DISPATCH_JQ_TIMEOUT',
    '1s',
  )

export const jqCompatFlag = (): Option =>
  valueFlag(
    '--jq-compat <version>',
    'note where jq 1.6, the version of the binding that Port published, gives another result',
    'PORT_DISPATCH_JQ_COMPAT',
  )
    .choices(['1.6', 'off'])
    .default('1.6')

export const exposeSecretsFlag = (): Option =>
  switchFlag(
    '--expose-secrets',
    'print values of .secrets instead of ***',
    'PORT_DISPATCH_EXPOSE_SECRETS',
  )

/** Shows what a rendering has to say besides its value, the way a compiler would. */
export function printDiagnostics(
  { failures, notes }: Pick<RenderedInvocation, 'failures' | 'notes'>,
  terminal: Terminal,
): void {
  for (const failure of failures) terminal.message(formatFailure(failure))
  for (const { path, message } of notes) {
    terminal.logger.notice(path === '' ? message : `${path}: ${message}`)
  }
  if (failures.length > 0) {
    const count = failures.length === 1 ? '1 expression' : `${failures.length} expressions`
    terminal.logger.warning(`${count} failed and became null, as in Port.`)
  }
}
