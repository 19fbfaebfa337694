import { renderInvocationMethod } from '@port-dispatch/core/action'
import { loadAction } from '../load-action.ts'
import { portClientIfConfigured } from '../port-from-environment.ts'
import { StrictError } from '../strict-error.ts'
import { readContext } from './read-context.ts'
import { refuseSharedInput } from './refuse-shared-input.ts'
import { tellDiagnostics } from './tell-diagnostics.ts'
import { writeOutput } from './terminal.ts'

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
