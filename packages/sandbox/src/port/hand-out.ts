// How Port hands out a run: what its templates render to, and the webhook that it sends where no agent does.
import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import {
  parseInvocationMethod,
  renderInvocationMethod,
  runMessageTemplate,
} from '@port-dispatch/core/action'
import { signatureHeaders } from '@port-dispatch/core/port'
import { renderTemplate } from '@port-dispatch/core/template'
import type { PortRun } from './run-store.ts'

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/
const WEBHOOK_TIMEOUT_MS = 30_000

/** What templates see besides the run. */
export interface Surroundings {
  organization: string
  /** Where the sandbox is, as the secret `SANDBOX_URL`. */
  origin: string
}

/** What templates see of a run. */
function contextOf(run: PortRun, { organization, origin }: Surroundings): JsonObject {
  const { identifier, trigger } = run.action
  const blueprint = trigger.blueprintIdentifier
  return {
    inputs: { ...run.properties } as JsonObject,
    trigger: {
      by: { orgId: organization, userId: 'user_sandbox', user: { email: run.createdBy } },
      origin: 'API',
      at: new Date(run.createdAt).toISOString(),
      operation: typeof trigger.operation === 'string' ? trigger.operation : 'CREATE',
    },
    event: null,
    entity: run.entity === undefined ? null : { identifier: run.entity },
    action: { identifier, blueprint: typeof blueprint === 'string' ? blueprint : null },
    run: { id: run.id },
    secrets: { SANDBOX_URL: origin },
  }
}

/** The invocation method of a run as Port renders it, with the body that Port makes where the action has none. */
export async function renderedPayload(
  run: PortRun,
  surroundings: Surroundings,
): Promise<JsonObject> {
  const context = contextOf(run, surroundings)
  const { method: parsed } = parseInvocationMethod(run.action.invocationMethod)
  const rendered = await renderInvocationMethod(parsed, { context })
  const method = { ...rendered.method } as JsonObject
  if (method.type !== 'WEBHOOK' || method.body !== undefined) return method
  const { headers: _, ...shown } = method
  const message = await renderTemplate(runMessageTemplate({}), context)
  const body = isJsonObject(message.value) ? message.value : {}
  const payload = isJsonObject(body.payload) ? body.payload : {}
  const action = isJsonObject(payload.action) ? payload.action : {}
  return {
    ...method,
    body: { ...body, payload: { ...payload, action: { ...action, invocationMethod: shown } } },
  }
}

/** What became of sending a webhook. */
export type Delivery =
  | { type: 'sent'; status: number; response: string }
  | { type: 'not-sent'; why: string }

/** Sends the webhook of a run, signed as Port signs it. The sandbox reaches nothing but this machine. */
export async function sendWebhook(
  payload: JsonObject,
  { secret, now }: { secret: string; now: number },
): Promise<Delivery> {
  const { method = 'POST', headers = {}, body } = payload
  const url = URL.parse(String(payload.url))
  if (!url || !LOOPBACK.test(url.hostname)) {
    return { type: 'not-sent', why: 'The sandbox sends webhooks to this machine only.' }
  }
  const text = body === undefined ? '' : JSON.stringify(body)
  const hasBody = method !== 'GET' && method !== 'DELETE'
  try {
    const response = await fetch(url, {
      method: String(method),
      headers: {
        'content-type': 'application/json',
        ...(headers as Record<string, string>),
        ...signatureHeaders({
          secret,
          timestamp: Math.floor(now / 1000),
          body: hasBody ? text : '',
        }),
      },
      ...(hasBody && { body: text }),
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    })
    return { type: 'sent', status: response.status, response: await response.text() }
  } catch (error) {
    return { type: 'not-sent', why: `There was no response: ${reasonOf(error)}.` }
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {}
  const known = cause ?? error
  return known instanceof Error && 'code' in known ? String(known.code) : String(error)
}
