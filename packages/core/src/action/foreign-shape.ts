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
  for (const [block, type] of Object.entries(BLOCKS)) {
    const camel = block.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    const key = [block, camel].find((spelling) => Object.hasOwn(value, spelling))
    if (key === undefined) continue
    const tool = key === block ? 'Terraform' : 'Pulumi'
    return {
      path: key,
      found: `is the spelling of ${tool}`,
      expected: `invocationMethod with "type": "${type}", as Port's API has it`,
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

/** Whether this is trigger data, a run message or the context of a workflow of Port, and not an action. */
export function isContext(value: JsonObject): boolean {
  if (
    value.resourceType === 'run' ||
    isJsonObject(value.workflowRun) ||
    isJsonObject(value.workflowNodeRun)
  )
    return true
  if (typeof value.type === 'string' || 'invocationMethod' in value) return false
  const keys = ['inputs', 'run', 'event', 'secrets', 'outputs']
  return keys.some((key) => Object.hasOwn(value, key))
}

/** Whether this is an action definition, and not a context. */
export function isAction(value: JsonObject): boolean {
  const { invocationMethod, type } = value
  return (isJsonObject(invocationMethod) || isInvocationType(type)) && !isContext(value)
}

/** Whether this is an action definition in the response of Port's API. */
export function isWrappedAction({ ok, action, actions }: JsonObject): boolean {
  if (ok === true && Array.isArray(actions)) return true
  return isJsonObject(action) && isJsonObject(action.invocationMethod)
}
