import type { PortAction } from '../definition/definition.ts'
import { isRecord } from '../is-record.ts'
import { checkBody } from './check-body.ts'
import { refuse } from './refuse.ts'

/** Reads an action from the body of a request. Only the parts that the sandbox uses are checked. */
export function actionFrom(body: unknown): PortAction {
  const { identifier, trigger, invocationMethod, ...rest } = checkBody(
    body,
    {
      identifier: 'string',
      title: 'string',
      icon: 'string',
      description: 'string',
      trigger: 'object',
      invocationMethod: 'object',
      requiredApproval: 'any',
      approvalNotification: 'object',
      publish: 'any',
      allowAnyoneToViewRuns: 'any',
    },
    ['identifier', 'trigger', 'invocationMethod'],
  )
  if (!isRecord(trigger) || typeof trigger.type !== 'string')
    return refuse(422, 'invalid_request', "body/trigger must have required property 'type'")
  if (!isRecord(invocationMethod) || typeof invocationMethod.type !== 'string')
    return refuse(
      422,
      'invalid_request',
      "body/invocationMethod must have required property 'type'",
    )
  return { ...rest, identifier: String(identifier), trigger, invocationMethod }
}
