import { setOutput, warning } from '@actions/core'
import type { Json } from '@port-dispatch/core'
import { type RenderedInvocation, renderInvocationMethod } from '@port-dispatch/core/action'
import {
  formatFailure,
  type RenderResult,
  renderTemplate,
  requireEvaluated,
} from '@port-dispatch/core/template'
import { type Redactor, sanitize } from '@port-dispatch/core/text'
import { StrictError } from '@port-dispatch/dispatcher'
import { checkInputs } from '../inputs/check-inputs.ts'
import { contextInput } from '../inputs/context-input.ts'
import { documentInput } from '../inputs/document-input.ts'
import { badInput, flagInput, renderOptions, textInput } from '../inputs/inputs.ts'
import { invocationInput } from '../inputs/invocation-input.ts'
import { hideSecrets } from '../inputs/secrets.ts'
import { runnerLogger } from '../runner.ts'
import type { Environment } from '../this-job.ts'

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
  const decrypted = textInput('decrypt') ? (await import('./decrypt.ts')).decryptFrom(context) : []
  const redactor = hideSecrets(context, decrypted)
  const options = renderOptions()
  if (textInput('payload')) {
    // Parsed from JSON or YAML, so it is JSON.
    const template = (await documentInput('payload', { excerpt: 'show' })) as Json
    const rendered = await renderTemplate(template, context, options)
    requireEvaluated(rendered.failures)
    setPayload(rendered.value ?? null, rendered, redactor)
    refuseFailures(rendered)
    return
  }
  const rendered = await renderInvocationMethod(await invocationInput(), triggerData, options)
  setPayload(rendered.method, rendered, redactor)
  refuseFailures(rendered)
}

/** Sets the output, without secrets unless they are wanted, and makes an annotation of each expression that failed. */
export function setPayload(
  payload: unknown,
  { failures, notes }: Pick<RenderedInvocation, 'failures' | 'notes'>,
  redactor: Redactor,
): void {
  // What rendering gives is JSON.
  const shown = flagInput('exposeSecrets', 'false') ? payload : redactor.json(payload as Json)
  setOutput('payload', JSON.stringify(shown))
  for (const failure of failures) {
    warning(sanitize(redactor(formatFailure(failure))), {
      title: 'An expression failed and became null, as in Port',
    })
  }
  for (const { path, message } of notes) {
    runnerLogger.info(path === '' ? message : `${path}: ${message}`)
  }
}

/** @throws StrictError if the input `strict` is set */
function refuseFailures({ failures }: Pick<RenderResult, 'failures'>): void {
  if (failures.length > 0 && flagInput('strict', 'false')) throw new StrictError(failures)
}
