import * as v from 'valibot'
import type { InputError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { notValid, validate } from '../schema/check.ts'
import { id, jsonObject, object } from '../schema/schemas.ts'
import { isAction, isWrappedAction } from './foreign-shape.ts'
import { contextOf, isRunMessage, withoutEnvelope } from './run-message.ts'

/**
 * What a template sees: `{inputs, trigger, event, entity, action, run, secrets}`, and in a workflow of Port `{outputs,
 * workflowRun, workflowNodeRun, secrets}`.
 */
export interface TriggerData {
  /** The context of the templates, as it came or as it was made from a run message. */
  context: JsonObject
  /** Id of the Port run or of the node run, if the context names one. */
  runId?: string
}

const optionalObject = v.exactOptional(jsonObject)

const triggerData = object({
  inputs: optionalObject,
  trigger: optionalObject,
  event: optionalObject,
  entity: optionalObject,
  action: optionalObject,
  run: v.exactOptional(object({ id: v.exactOptional(id('the id of a run')) })),
  secrets: optionalObject,
  outputs: optionalObject,
  workflowRun: optionalObject,
  workflowNodeRun: v.exactOptional(
    object({ identifier: v.exactOptional(id('the id of a node run')) }),
  ),
})

/**
 * Reads trigger data, or a run message, of which it makes trigger data: the message's `payload.properties` are the
 * user inputs. Null means that a part is absent. Blanks around ids do not count.
 *
 * @param subject what is parsed, as the user knows it
 * @throws InputError with every problem
 */
export function parseTriggerData(value: unknown, subject = 'The context'): TriggerData {
  if (Array.isArray(value) && value.some((item) => isJsonObject(item) && isAction(item))) {
    throw interchanged(subject, 'found a list of action definitions')
  }
  const data = withoutEnvelope(validate(jsonObject, value, subject))
  if (isAction(data) || isWrappedAction(data)) {
    throw interchanged(subject, 'found an action definition')
  }
  const context = isRunMessage(data) ? contextOf(data, subject) : data
  const { run, workflowNodeRun } = validate(triggerData, context, subject)
  const runId = run?.id ?? workflowNodeRun?.identifier
  return { context, ...(runId !== undefined && { runId }) }
}

function interchanged(subject: string, found: string): InputError {
  return notValid(subject, [
    {
      path: '',
      found,
      expected: 'the context that templates see, such as {"inputs": {…}, "run": {"id": "r_…"}}',
      advice: 'Did you swap action and context?',
    },
  ])
}
