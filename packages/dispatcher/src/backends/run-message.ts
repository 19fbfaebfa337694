import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import { type RenderedMethod, runMessageTemplate } from '@port-dispatch/core/action'
import { renderTemplate } from '@port-dispatch/core/template'

/**
 * What Port sends where an action has no body or payload of its own.
 *
 * @param method as rendered. It is put in after the rendering, because what came out of a template is no template. Its
 *   headers stay out: they hold credentials.
 */
export async function renderRunMessage(
  method: RenderedMethod,
  context: JsonObject,
  portRunId: string | undefined,
): Promise<JsonObject> {
  const run = portRunId === undefined ? context.run : { id: portRunId }
  const { value } = await renderTemplate(runMessageTemplate({}), {
    ...context,
    ...(run !== undefined && { run }),
  })
  const message = isJsonObject(value) ? value : {}
  const { headers: _, ...invocationMethod } = { ...method } as JsonObject
  const payload = isJsonObject(message.payload) ? message.payload : {}
  const action = isJsonObject(payload.action) ? payload.action : {}
  return { ...message, payload: { ...payload, action: { ...action, invocationMethod } } }
}
