import { renderInvocationMethod } from '@port-dispatch/core/action'
import { StrictError } from '@port-dispatch/dispatcher'
import { loadAction, portClientIfConfigured, readContext } from '@port-dispatch/dispatcher/host'
import { writeOutput } from '../terminal.ts'
import { refuseSharedInput } from './refuse-shared-input.ts'
import { tellDiagnostics } from './tell-diagnostics.ts'

export interface RenderFlags {
  action: string
  context: string
  strict?: boolean
  json?: boolean
}

/** `port-dispatch render`: Port's Test JQ button, offline. */
export async function render({ action, context, strict, json }: RenderFlags): Promise<void> {
  refuseSharedInput({ action, context })
  const { invocationMethod } = await loadAction(action, () => portClientIfConfigured(process.env))
  const triggerData = await readContext(context, process.env)
  const { method, failures, notes } = await renderInvocationMethod(invocationMethod, triggerData)
  writeOutput(JSON.stringify(json ? { payload: method, failures, notes } : method, null, 2))
  if (!json) tellDiagnostics(failures, notes)
  if (strict && failures.length > 0) throw new StrictError(failures)
}
