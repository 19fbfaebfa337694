import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import type { ClaimedNodeRun, ClaimedRun } from '@port-dispatch/core/port'

/**
 * The message of a run that was claimed, in the form in which Port's agent makes one, so that its mapping files see what
 * they expect: the rendered body at the root, `headers`, `payload.action.invocationMethod` and `context.runId`.
 */
export function claimedMessage({ id, payload: claimed }: ClaimedRun): JsonObject {
  const body = objectOf(claimed.body)
  const payload = objectOf(body.payload)
  const invocationMethod = invocationMethodOf(claimed)
  return {
    ...body,
    headers: objectOf(claimed.headers),
    payload: { ...payload, action: { ...objectOf(payload.action), invocationMethod } },
    context: { ...objectOf(body.context), runId: id },
  }
}

/** The same of a node run of a workflow, which has its configuration in `context.nodeConfig`. */
export function claimedNodeMessage({ identifier, config }: ClaimedNodeRun): JsonObject {
  return {
    headers: objectOf(config.headers),
    payload: { action: { invocationMethod: invocationMethodOf(config) } },
    context: { runId: identifier, nodeConfig: config },
  }
}

/** What a node executes. Port's documentation: unlike that of an action, the webhook of a node is synchronized by default. */
export function nodeMethod(config: JsonObject): JsonObject {
  return config.type === 'WEBHOOK' ? { synchronized: true, ...config } : config
}

/** Of a webhook the fields that the agent knows, without `agent`; of all else everything. */
function invocationMethodOf(claimed: JsonObject): JsonObject {
  const { type = null, url = null, synchronized = false, method = 'POST', headers = {} } = claimed
  if (type !== 'WEBHOOK') return claimed
  return { type, url, synchronized, method, headers }
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}
