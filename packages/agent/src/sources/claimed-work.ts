// Runs as Port hands them out, and lists them: rendered, without the context that they were rendered from.
import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import type { ClaimedRun } from '@port-dispatch/core/port'
import { claimedMessage } from '../routes/claimed-message.ts'
import type { SourceName, Work } from '../work.ts'

/** What is the same of runs of actions and node runs of workflows. */
export interface Claimed {
  runId: string
  action: string | undefined
  payload: JsonObject
  message: JsonObject
  source: SourceName
  receivedAt: number
  /** Default `maybe`: what was claimed before and not acknowledged becomes claimable again, and looks the same. */
  mayHaveBegun?: Work['mayHaveBegun']
}

/** What is read of a run as Port hands it out, or lists it. */
export function partsOf(
  run: Pick<ClaimedRun, 'id' | 'status' | 'payload'> & { action?: string | undefined },
): Omit<Claimed, 'receivedAt' | 'source'> {
  const { id: runId, action, payload } = run
  return {
    runId,
    action,
    payload,
    message: claimedMessage({ id: runId, status: run.status, payload }),
  }
}

export function claimedWork(claimed: Claimed): Work {
  const { runId, action, payload, message, source, receivedAt, mayHaveBegun = 'maybe' } = claimed
  return {
    runId,
    source,
    ...(action !== undefined && { action }),
    invocationMethod: payload,
    message,
    context: contextOf(runId, action, payload.body),
    mayHaveBegun,
    receivedAt,
  }
}

/** What a template sees. A claimed run has the user inputs only where its body has them. */
function contextOf(runId: string, action: string | undefined, body: unknown): JsonObject {
  const payload = isJsonObject(body) && isJsonObject(body.payload) ? body.payload : {}
  return {
    inputs: isJsonObject(payload.properties) ? payload.properties : null,
    trigger: isJsonObject(body) && isJsonObject(body.trigger) ? body.trigger : null,
    event: null,
    entity: isJsonObject(payload.entity) ? payload.entity : null,
    action: { identifier: action ?? null },
    run: { id: runId },
    secrets: {},
  }
}
