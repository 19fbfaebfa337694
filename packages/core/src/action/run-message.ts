import * as v from 'valibot'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { validate } from '../schema/check.ts'
import { id, jsonObject, object } from '../schema/schemas.ts'
import { isContext } from './foreign-shape.ts'

/** A run that Port hands out to be executed, with everything rendered. */
export interface RunMessage {
  /** Id of the Port run, or of the node run if {@link isNodeRunId} says so. */
  runId: string
  /** Identifier of the action. */
  action?: string
  /** As Port rendered it: `parseRenderedMethod` checks it. */
  invocationMethod: JsonObject
  /** What Port put beside the message, the signature among them. */
  headers: JsonObject
  /** What a template would see. */
  context: JsonObject
  /** The message without its envelope: what a webhook without a body of its own receives. */
  message: JsonObject
}

/** Keys under which the message comes in records, events and workflow inputs, as an object or as JSON text. */
const ENVELOPES = ['value', 'message', 'port_payload', 'port_context', 'client_payload']

/** What has to be there. The rest is taken where it fits: a body of the action can lie over it. */
const runMessage = object({
  context: object({ runId: id('the id of a run') }),
  payload: object({ action: v.exactOptional(jsonObject) }),
})

/** Whether an id is that of a node run of a workflow of Port: these are reported at `/v1/workflows/nodes/runs`. */
export function isNodeRunId(runId: string): boolean {
  return runId.startsWith('wfnr_')
}

/** Takes a run message, or trigger data, out of the record, the event or the workflow inputs that hold it. */
export function withoutEnvelope(value: JsonObject): JsonObject {
  if (isRunMessage(value) || isContext(value)) return value
  for (const key of ENVELOPES) {
    const inner = unwrap(value[key])
    if (inner && (isRunMessage(inner) || isContext(inner))) return inner
  }
  return value
}

/** A message whose action has a body of its own holds that body at its root, and no `resourceType`. */
export function isRunMessage({ resourceType, context, payload }: JsonObject): boolean {
  if (resourceType !== undefined) return resourceType === 'run'
  if (!isJsonObject(context) || typeof context.runId !== 'string') return false
  return isJsonObject(payload) && isJsonObject(payload.action)
}

/** An object, from JSON text if need be. */
function unwrap(value: unknown): JsonObject | undefined {
  if (typeof value !== 'string') return isJsonObject(value) ? value : undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/**
 * Reads a run message, as the topic `{orgId}.runs` and Port's agent receive it, with or without an envelope.
 *
 * @param subject what is parsed, as the user knows it
 * @throws InputError with every problem
 */
export function parseRunMessage(value: unknown, subject = 'The run message'): RunMessage {
  const data = validate(jsonObject, value, subject)
  const message = withoutEnvelope(data)
  const read = validate(runMessage, message, subject)
  const { invocationMethod } = validate(
    object({ invocationMethod: jsonObject }),
    read.payload.action ?? {},
    subject,
    ['payload', 'action'],
  )
  const action = actionIdentifier(message.action)
  const { runId } = read.context
  const { headers } = message
  return {
    runId,
    ...(action !== undefined && { action }),
    invocationMethod,
    headers: isJsonObject(headers) ? headers : {},
    context: contextOf(message, subject),
    message,
  }
}

/**
 * Makes of a run message what templates see: `payload.properties` are the user inputs.
 *
 * @throws InputError with every problem
 */
export function contextOf(message: JsonObject, subject: string): JsonObject {
  const { runId } = validate(runMessage, message, subject).context
  const { action, trigger, context, payload } = message
  const { properties, entity, censoredProperties } = isJsonObject(payload) ? payload : {}
  const { blueprint } = isJsonObject(context) ? context : {}
  return {
    inputs: isJsonObject(properties) ? properties : null,
    trigger: isJsonObject(trigger) ? trigger : null,
    event: null,
    entity: isJsonObject(entity) ? entity : null,
    action: {
      identifier: actionIdentifier(action) ?? null,
      blueprint: typeof blueprint === 'string' ? blueprint : null,
      ...(censoredProperties !== undefined && { encryptedProperties: censoredProperties }),
    },
    run: { id: runId },
    ...(isNodeRunId(runId) && { workflowNodeRun: { identifier: runId } }),
    secrets: {},
  }
}

function actionIdentifier(action: Json | undefined): string | undefined {
  const identifier = isJsonObject(action) ? action.identifier : action
  return typeof identifier === 'string' && identifier !== '' ? identifier : undefined
}
