// What a webhook of Port says.
import { InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import { parseTriggerData } from '@port-dispatch/core/action'
import { parseBody } from '@port-dispatch/core/http'
import { findRunId } from '@port-dispatch/core/run'
import type { Work } from '../work.ts'

/** @returns undefined if it has more bytes than that */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseBody(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/** The run that a webhook hands out. @returns what is wrong, if it hands out none */
export function workOf(body: Uint8Array, receivedAt: number): Work | string {
  const message = parsed(body)
  if (!isJsonObject(message)) return 'The body is not a JSON object.'
  const found = findRunId(message)
  if (!found.found) return 'The body does not hold the ID of a Port run.'
  const { runId } = found
  const context = contextOf(message, runId)
  const action = isJsonObject(context.action) ? context.action.identifier : undefined
  return {
    runId,
    source: 'webhook',
    ...(typeof action === 'string' && { action }),
    invocationMethod: methodIn(message),
    message,
    context,
    // Port sends it once, but whoever is in between can send it again.
    mayHaveBegun: 'maybe',
    receivedAt,
  }
}

function contextOf(message: JsonObject, runId: string): JsonObject {
  try {
    return { ...parseTriggerData(message).context, run: { id: runId } }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    // A body of the action's own: routes see it as `message`.
    return {
      inputs: null,
      trigger: null,
      event: null,
      entity: null,
      run: { id: runId },
      secrets: {},
    }
  }
}

function methodIn({ payload }: JsonObject): JsonObject {
  const action = isJsonObject(payload) ? payload.action : undefined
  const method = isJsonObject(action) ? action.invocationMethod : undefined
  return isJsonObject(method) ? method : { type: 'WEBHOOK' }
}
