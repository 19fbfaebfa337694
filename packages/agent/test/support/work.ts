import type { JsonObject } from '@port-dispatch/core'
import { parseRunMessage } from '@port-dispatch/core/action'
import { signMessage } from '@port-dispatch/core/port'
import type { Work } from '../../src/work.ts'

export const SECRET = 'a-client-secret-of-Port-with-48-characters-in-it'

export interface MessageOptions {
  invocationMethod: JsonObject
  properties?: JsonObject
  /** What the action's rendered body adds at the root. */
  body?: JsonObject
  headers?: JsonObject
}

/** A signed message as it is in the topic of runs. */
export function runMessage({
  invocationMethod,
  properties = {},
  body = {},
  headers = {},
}: MessageOptions): JsonObject {
  const message = {
    action: 'deploy',
    resourceType: 'run',
    status: 'TRIGGERED',
    trigger: { by: { orgId: 'org_acme', userId: 'auth0|1' }, at: '2026-01-02T03:04:05.000Z' },
    context: { entity: null, blueprint: null, runId: 'r_0123456789abcdef' },
    payload: { entity: null, action: { invocationMethod }, properties, censoredProperties: {} },
    ...body,
    headers,
  }
  return signMessage({ secret: SECRET, timestamp: 1_767_323_045, message })
}

/** The work that a source makes of a message. */
export function workOf(message: JsonObject): Work {
  const { runId, action, invocationMethod, context } = parseRunMessage(message)
  return {
    runId,
    source: 'kafka',
    ...(action !== undefined && { action }),
    invocationMethod,
    message,
    context,
    mayHaveBegun: 'maybe',
    receivedAt: 0,
  }
}

export function work(options: MessageOptions): Work {
  return workOf(runMessage(options))
}
