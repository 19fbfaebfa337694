import * as v from 'valibot'
import type { JsonObject } from '../json.ts'
import { anyText, jsonObject, text } from './schemas.ts'
import { validate } from './validate.ts'

/** What a template sees: `{inputs, trigger, event, entity, action, run, secrets}`. */
export interface TriggerData {
  /** The context of the templates, as it came or as it was made from a run message. */
  context: JsonObject
  /** Id of the Port run, if the context names one. */
  runId?: string
}

const nullishObject = v.nullish(jsonObject)

const triggerData = v.looseObject({
  inputs: nullishObject,
  trigger: nullishObject,
  event: nullishObject,
  entity: nullishObject,
  action: nullishObject,
  run: v.nullish(v.looseObject({ id: v.nullish(text) })),
  secrets: nullishObject,
})

/** The message that the Kafka topic `{orgId}.runs` and Port's agent receive. */
const runMessage = v.looseObject({
  resourceType: v.literal('run'),
  action: v.nullish(anyText),
  trigger: nullishObject,
  context: v.looseObject({
    runId: text,
    blueprint: v.nullish(anyText),
  }),
  payload: v.looseObject({
    properties: nullishObject,
    entity: nullishObject,
  }),
})

/**
 * Reads trigger data, or a run message, of which it makes trigger data: the message's `payload.properties` are the
 * user inputs.
 *
 * @param subject what is parsed, as the user knows it
 * @throws InputError with every problem
 */
export function parseTriggerData(value: unknown, subject = 'The context'): TriggerData {
  const data = validate(jsonObject, value, subject)
  if (data.resourceType === 'run') return fromRunMessage(data, subject)
  const { run } = validate(triggerData, data, subject)
  return { context: data, ...(run?.id && { runId: run.id }) }
}

function fromRunMessage(message: JsonObject, subject: string): TriggerData {
  const { action, trigger, context, payload } = validate(runMessage, message, subject)
  return {
    runId: context.runId,
    context: {
      inputs: payload.properties ?? null,
      trigger: trigger ?? null,
      event: null,
      entity: payload.entity ?? null,
      action: { identifier: action ?? null, blueprint: context.blueprint ?? null },
      run: { id: context.runId },
      secrets: {},
    },
  }
}
