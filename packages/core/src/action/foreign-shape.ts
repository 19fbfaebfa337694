import type { Problem } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { isInvocationType } from './parse-invocation-method.ts'

/** The blocks in which Terraform holds the invocation method, and Pulumi in camel case. */
const BLOCKS: Record<string, string> = {
  github_method: 'GITHUB',
  gitlab_method: 'GITLAB',
  webhook_method: 'WEBHOOK',
  kafka_method: 'KAFKA',
  azure_method: 'AZURE_DEVOPS',
  upsert_entity_method: 'UPSERT_ENTITY',
  integration_method: 'INTEGRATION_ACTION',
}

/**
 * What something without an invocation method is instead of an action, if that can be told.
 */
export function foreignShape(value: JsonObject): Problem | undefined {
  const block = foreignBlock(value)
  if (block) {
    return {
      path: block.key,
      found: `is the spelling of ${block.tool}`,
      expected: `invocationMethod with "type": "${block.type}", as Port's API has it`,
      advice: 'Copy the action from Port with Edit JSON, or give its identifier in Port',
    }
  }
  if (isContext(value)) {
    return {
      path: '',
      found: 'found a context, which is what templates see',
      expected: 'an action definition, or its invocationMethod',
      advice: 'Maybe action and context are interchanged',
    }
  }
  if (isJsonObject(value.jobs)) {
    return {
      path: '',
      found: 'found a GitHub workflow',
      expected: 'an action definition, or its invocationMethod',
    }
  }
  return undefined
}

function foreignBlock(
  value: JsonObject,
): { key: string; type: string; tool: 'Terraform' | 'Pulumi' } | undefined {
  for (const [block, type] of Object.entries(BLOCKS)) {
    const camel = block.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    const key = [block, camel].find((spelling) => Object.hasOwn(value, spelling))
    if (key !== undefined) return { key, type, tool: key === block ? 'Terraform' : 'Pulumi' }
  }
  return undefined
}

/** Whether this is trigger data, a run message or the context of a workflow of Port, and not an action. */
export function isContext(value: JsonObject): boolean {
  if (
    value.resourceType === 'run' ||
    isJsonObject(value.workflowRun) ||
    isJsonObject(value.workflowNodeRun)
  )
    return true
  if (typeof value.type === 'string' || 'invocationMethod' in value) return false
  const keys = ['inputs', 'run', 'event', 'secrets', 'outputs', 'entity', 'payload']
  if (keys.some((key) => Object.hasOwn(value, key))) return true
  const { trigger } = value
  return isJsonObject(trigger) && ['by', 'origin', 'at'].some((key) => Object.hasOwn(trigger, key))
}

/** Whether this is an action definition, and not a context. */
export function isAction(value: JsonObject): boolean {
  if (isContext(value)) return false
  const { invocationMethod, type, trigger } = value
  if (isJsonObject(invocationMethod) || isInvocationType(type)) return true
  // The trigger of trigger data has no type.
  const isDefined = typeof trigger === 'string' || (isJsonObject(trigger) && 'type' in trigger)
  return isDefined || foreignBlock(value) !== undefined
}

/** Whether this is an action definition in the response of Port's API. */
export function isWrappedAction({ ok, action, actions }: JsonObject): boolean {
  if (ok === true && Array.isArray(actions)) return true
  return isJsonObject(action) && isJsonObject(action.invocationMethod)
}
