import { isJsonObject } from '../json.ts'
import { type RenderOptions, type RenderResult, renderTemplate } from '../template/index.ts'
import type { InvocationMethod } from './invocation-method.ts'
import { parseRenderedMethod, type RenderedMethod } from './rendered-method.ts'
import type { TriggerData } from './trigger-data.ts'

export interface RenderedInvocation extends Pick<RenderResult, 'failures' | 'notes'> {
  method: RenderedMethod
}

/**
 * Renders every template of an invocation method and checks the result.
 *
 * @throws TemplateError if a template cannot be rendered, InputError if the result is not what the method needs
 */
export async function renderInvocationMethod(
  method: InvocationMethod,
  { context }: TriggerData,
  options?: RenderOptions,
): Promise<RenderedInvocation> {
  // The type is what chose the schema: it is not a template.
  const { type, ...templates } = method
  const { value, failures, notes } = await renderTemplate(templates, context, options)
  const rendered = { ...(isJsonObject(value) && value), type }
  return { method: parseRenderedMethod(type, rendered), failures, notes }
}
