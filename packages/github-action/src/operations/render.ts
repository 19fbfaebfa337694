import { setOutput } from '@actions/core'
import type { Json } from '@port-dispatch/core'
import { renderInvocationMethod } from '@port-dispatch/core/action'
import { renderTemplate } from '@port-dispatch/core/template'
import { checkInputs } from '../inputs/check-inputs.ts'
import { contextInput } from '../inputs/context-input.ts'
import { documentInput } from '../inputs/document-input.ts'
import { badInput, textInput } from '../inputs/inputs.ts'
import { invocationInput } from '../inputs/invocation-input.ts'
import { censorSecrets } from '../inputs/secrets.ts'
import type { Environment } from '../this-job.ts'
import { decryptFrom } from './decrypt.ts'
import { tellFailures } from './tell-failures.ts'

/** `operation: RENDER`: renders templates as Port does, and sends nothing. */
export async function renderInvocation(env: Environment): Promise<void> {
  checkInputs('RENDER')
  const given = (['invocationMethod', 'payload'] as const).filter((name) => textInput(name))
  if (given.length !== 1) {
    throw badInput(
      'payload',
      given.length === 0
        ? 'is missing, and so is invocationMethod; give one of them'
        : 'is given beside invocationMethod; give one of them',
    )
  }
  const triggerData = await contextInput(env)
  const { context } = triggerData
  censorSecrets(context, decryptFrom(context))
  if (textInput('payload')) {
    // Parsed from JSON or YAML, so it is JSON.
    const template = (await documentInput('payload')) as Json
    const { value, failures, notes } = await renderTemplate(template, context)
    setOutput('payload', JSON.stringify(value ?? null))
    tellFailures(failures, notes)
    return
  }
  const { invocationMethod } = await invocationInput()
  const { method, failures, notes } = await renderInvocationMethod(invocationMethod, triggerData)
  setOutput('payload', JSON.stringify(method))
  tellFailures(failures, notes)
}
