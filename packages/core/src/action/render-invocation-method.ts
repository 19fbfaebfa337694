import { isJsonObject, type JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import {
  type RenderNote,
  type RenderOptions,
  type RenderResult,
  renderTemplate,
  requireEvaluated,
} from '../template/index.ts'
import type { Action } from './action.ts'
import type { ActionNote } from './action-note.ts'
import type { InvocationMethod } from './invocation-method.ts'
import { parseRenderedMethod } from './parse-rendered-method.ts'
import type { RenderedMethod, RenderedWebhookMethod } from './rendered-method.ts'
import type { TriggerData } from './trigger-data.ts'
import { urlProblem } from './webhook-url.ts'

export interface RenderedInvocation extends Pick<RenderResult, 'failures'> {
  method: RenderedMethod
  notes: (ActionNote | RenderNote)[]
}

/**
 * Renders every template of an invocation method and checks the result.
 *
 * @param source an invocation method, or an action: then the notes of its parsing come first
 * @throws PortDispatchError (`LIMIT`) if a limit here kept an expression from being evaluated, TemplateError if a template cannot be rendered, InputError if the result is not what the method needs
 */
export async function renderInvocationMethod(
  source: InvocationMethod | Pick<Action, 'invocationMethod' | 'notes'>,
  { context }: Pick<TriggerData, 'context'>,
  options?: RenderOptions,
): Promise<RenderedInvocation> {
  const { invocationMethod, notes: parsing } = isAction(source)
    ? source
    : { invocationMethod: source, notes: [] }
  // The type is what chose the schema: it is not a template.
  const { type, ...fields } = invocationMethod
  const { value, failures, notes } = await renderTemplate(
    { ...fields } as JsonObject,
    context,
    options,
  )
  requireEvaluated(failures)
  const rendered = { ...(isJsonObject(value) && value), type }
  const method = parseRenderedMethod(type, rendered)
  return { method, failures, notes: [...parsing, ...notes, ...methodNotes(method, rendered)] }
}

function isAction(
  source: InvocationMethod | Pick<Action, 'invocationMethod' | 'notes'>,
): source is Pick<Action, 'invocationMethod' | 'notes'> {
  return 'notes' in source && Array.isArray(source.notes) && isJsonObject(source.invocationMethod)
}

/** What Port renders without complaint, and what then goes wrong. */
function methodNotes(method: RenderedMethod, rendered: JsonObject): ActionNote[] {
  switch (method.type) {
    case 'WEBHOOK':
      return [...urlNotes(method.url), ...headerNotes(method.headers)]
    case 'UPSERT_ENTITY': {
      const { mapping } = rendered
      if (!isJsonObject(mapping) || mapping.identifier !== null) return []
      return [
        {
          type: 'generated-identifier',
          path: 'mapping.identifier',
          message: 'is null, so that Port creates a new entity with a generated identifier',
        },
      ]
    }
    default:
      return []
  }
}

function urlNotes(url: string): ActionNote[] {
  if (!urlProblem(url)) return []
  const message = 'is not an absolute URL, so that the request cannot be sent'
  return [{ type: 'unusable-url', path: 'url', message }]
}

function headerNotes(headers: RenderedWebhookMethod['headers']): ActionNote[] {
  return Object.entries(headers).flatMap(([key, value]): ActionNote[] => {
    if (value !== null) return []
    const message = 'is null, so that this header is not sent'
    return [{ type: 'dropped-header', path: formatPath(['headers', key]), message }]
  })
}
