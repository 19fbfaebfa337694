import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { ActionNote } from './action-note.ts'

export interface Modernized {
  /** The action as it is written today, or as it came. */
  action: JsonObject
  notes: ActionNote[]
}

/** The types that the first version had, with the field that holds the payload today. */
const PAYLOAD_FIELD: Record<string, string> = {
  GITHUB: 'workflowInputs',
  GITLAB: 'pipelineVariables',
  WEBHOOK: 'body',
  KAFKA: 'payload',
  AZURE_DEVOPS: 'payload',
}

/** One entry for each user input, as text. */
const USER_INPUTS = '{{ (.inputs // {}) | map_values(tostring) }}'

/**
 * Converts an action of the first version of Port's actions to one of today. There, `trigger` was a string, `userInputs`
 * stood on top, and Port and its agent made the payload: the inputs of a workflow and the variables of a pipeline
 * were the user inputs one by one (unless `omitUserInputs`) and the run message as `port_payload` (unless
 * `omitPayload`); the other backends got the run message. Read from the mapping that port-agent has for GITLAB and
 * from the definitions into which Port itself converted.
 *
 * @param action an action with an invocation method, both unchecked
 */
export function modernize(action: JsonObject): Modernized {
  const { invocationMethod: method, trigger, userInputs, ...rest } = action
  const isOld = typeof trigger === 'string' || isJsonObject(userInputs)
  if (!isJsonObject(method) || !(isOld || hasFlags(method))) return { action, notes: [] }
  const { omitPayload, omitUserInputs, ...fields } = method
  const type = method.type === 'AZURE-DEVOPS' ? 'AZURE_DEVOPS' : method.type
  const payloadField = typeof type === 'string' ? PAYLOAD_FIELD[type] : undefined
  // Somebody has begun to write it as of today.
  if (!payloadField || (fields[payloadField] ?? null) !== null) return { action, notes: [] }
  const payload = oldPayload(String(type), method, {
    userInputs: !isSet(omitUserInputs),
    message: !isSet(omitPayload),
  })
  const definition: JsonObject = {
    ...rest,
    ...(isOld && { trigger: triggerOfToday(trigger, userInputs) }),
    invocationMethod: { ...fields, ...(type !== undefined && { type }), [payloadField]: payload },
  }
  return {
    action: definition,
    notes: [
      {
        type: 'old-definition',
        path: payloadField,
        message: `is made as Port's first version of actions (V1) did. Today this action is written: ${JSON.stringify(definition)}`,
        definition,
      },
    ],
  }
}

function hasFlags(method: JsonObject): boolean {
  return [method.omitPayload, method.omitUserInputs].some(
    (flag) => flag !== undefined && flag !== null,
  )
}

function isSet(flag: Json | undefined): boolean {
  return flag === true || flag === 'true'
}

function triggerOfToday(trigger: Json | undefined, userInputs: Json | undefined): JsonObject {
  if (isJsonObject(trigger)) return trigger
  return {
    type: 'self-service',
    ...(typeof trigger === 'string' && { operation: trigger }),
    userInputs: isJsonObject(userInputs) ? userInputs : { properties: {}, required: [] },
  }
}

function oldPayload(
  type: string,
  method: JsonObject,
  has: { userInputs: boolean; message: boolean },
): JsonObject {
  if (type !== 'GITHUB' && type !== 'GITLAB') return runMessageTemplate(method)
  return {
    // The branch is a user input in both, and is not an input of the workflow.
    ...(has.userInputs
      ? { '{{ spreadValue() }}': USER_INPUTS }
      : type === 'GITHUB' && {
          '{{ spreadValue() }}':
            '{{ (.inputs // {}) | with_entries(select(.key == "ref" and .value != null)) }}',
        }),
    ...(has.message && { port_payload: runMessageTemplate(method) }),
  }
}

/**
 * The template of the run message: what Port sends to a webhook or a topic for an action without a payload of its own,
 * and what the first version sent to a workflow as `port_payload`.
 *
 * @param method the invocation method, which the message holds
 */
export function runMessageTemplate(method: JsonObject): JsonObject {
  return {
    action: '{{ .action.identifier }}',
    resourceType: 'run',
    status: 'TRIGGERED',
    trigger: '{{ .trigger }}',
    context: {
      entity: '{{ .entity.identifier }}',
      blueprint: '{{ .action.blueprint }}',
      runId: '{{ .run.id }}',
    },
    payload: {
      entity: '{{ .entity }}',
      action: { invocationMethod: method, trigger: '{{ .trigger.operation }}' },
      properties: '{{ .inputs }}',
      censoredProperties: '{{ .action.encryptedProperties }}',
    },
  }
}
