import { renderInvocationMethod } from '@port-dispatch/core/action'
import { StrictError } from '@port-dispatch/dispatcher'
import { loadAction, portClientIfConfigured, readContext } from '@port-dispatch/dispatcher/host'
import type { Command } from 'commander'
import { switchFlag } from '../flags.ts'
import {
  actionFlag,
  contextFlag,
  printDiagnostics,
  refuseSharedInput,
  strictFlag,
} from '../invocation.ts'
import { writeOutput } from '../terminal.ts'

interface RenderFlags {
  action: string
  context: string
  strict?: boolean
  json?: boolean
}

/** `port-dispatch render`: Port's Test JQ button, offline. */
export function configure(command: Command): void {
  command
    .addOption(actionFlag())
    .addOption(contextFlag().makeOptionMandatory())
    .addOption(strictFlag())
    .addOption(
      switchFlag(
        '--json',
        'print the payload with the failures and notes as JSON',
        'PORT_DISPATCH_JSON',
      ),
    )
    .action(render)
}

async function render({ action, context, strict, json }: RenderFlags): Promise<void> {
  refuseSharedInput({ action, context })
  const loaded = await loadAction(action, () => portClientIfConfigured(process.env))
  const triggerData = await readContext(context, process.env)
  const rendered = await renderInvocationMethod(loaded, triggerData)
  const { method, failures, notes } = rendered
  writeOutput(JSON.stringify(json ? { payload: method, failures, notes } : method, null, 2))
  if (!json) printDiagnostics(rendered)
  if (strict && failures.length > 0) throw new StrictError(failures)
}
