import { renderInvocationMethod } from '@port-dispatch/core/action'
import { secretsOf } from '@port-dispatch/core/text'
import { StrictError } from '@port-dispatch/dispatcher'
import { loadAction, portClientIfConfigured, readContext } from '@port-dispatch/dispatcher/host'
import type { Command } from 'commander'
import { switchFlag } from '../flags.ts'
import {
  actionFlag,
  contextFlag,
  exposeSecretsFlag,
  jqCompatFlag,
  jqTimeoutFlag,
  printDiagnostics,
  refuseSharedInput,
  strictFlag,
} from '../invocation.ts'
import type { Terminal } from '../terminal.ts'

interface RenderFlags {
  action: string
  context: string
  strict?: boolean
  json?: boolean
  /** Milliseconds. */
  jqTimeout: number
  jqCompat: '1.6' | 'off'
  exposeSecrets?: boolean
}

/** `port-dispatch render`: Port's Test JQ button, offline. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .addOption(actionFlag())
    .addOption(contextFlag().makeOptionMandatory())
    .addOption(strictFlag())
    .addOption(jqTimeoutFlag())
    .addOption(jqCompatFlag())
    .addOption(exposeSecretsFlag())
    .addOption(
      switchFlag(
        '--json',
        'print the payload with the failures and notes as JSON',
        'PORT_DISPATCH_JSON',
      ),
    )
    .action((flags: RenderFlags) => render(flags, terminal))
}

async function render(flags: RenderFlags, terminal: Terminal): Promise<void> {
  const { action, context, strict, json, jqTimeout, jqCompat, exposeSecrets } = flags
  refuseSharedInput({ action, context })
  const loaded = await loadAction(action, () =>
    portClientIfConfigured(process.env, { onWait: terminal.onWait }),
  )
  const triggerData = await readContext(context, process.env)
  terminal.hide(secretsOf(triggerData.context))
  const rendered = await renderInvocationMethod(loaded, triggerData, {
    timeout: jqTimeout,
    jqCompat,
    missingKeys: 'all',
  })
  const { method, failures, notes } = rendered
  const printed = json ? { payload: method, failures, notes } : method
  if (exposeSecrets) terminal.jsonWithSecrets(printed, 2)
  else terminal.json(printed, 2)
  if (!json) printDiagnostics(rendered, terminal)
  if (strict && failures.length > 0) throw new StrictError(failures)
}
