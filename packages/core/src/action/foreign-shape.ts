import type { Problem } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { formatPath } from '../path.ts'
import { describe } from '../schema/check.ts'
import { isInvocationType } from './parse-invocation-method.ts'

const EXPECTED = 'an action definition, or its invocationMethod'
const COPY = 'Copy the action from Port with Edit JSON, or give its identifier in Port'
const MAX_DEPTH = 8

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
  const block = findBlock(value)
  if (block) {
    return {
      path: formatPath(block.path),
      found: `is the spelling of ${block.tool}`,
      expected: `invocationMethod with "type": "${block.type}", as Port's API has it`,
      advice: COPY,
    }
  }
  if (typeof value.type === 'string' && /^port:(?:.*:)?Action$/.test(value.type)) {
    return { path: '', found: 'found a resource of Pulumi', expected: EXPECTED, advice: COPY }
  }
  if (value.ok === false) {
    const [said] = [value.message, value.error].filter((text) => typeof text === 'string')
    const found = `found an error of Port's API${said === undefined ? '' : `: ${describe(said)}`}`
    return { path: '', found, expected: EXPECTED }
  }
  if (isContext(value)) {
    return {
      path: '',
      found: 'found a context, which is what templates see',
      expected: EXPECTED,
      advice: 'Did you swap action and context?',
    }
  }
  if (isJsonObject(value.jobs)) {
    return {
      path: '',
      found: 'found a GitHub workflow',
      expected: EXPECTED,
    }
  }
  return undefined
}

/** That a document is HCL. */
export const terraformProblem: Problem = {
  path: '',
  found: 'found a configuration of Terraform',
  expected: EXPECTED,
  advice: COPY,
}

/** Whether a text, which YAML takes for a string, is HCL. */
export function isTerraform(text: string): boolean {
  const block =
    /^(?:\s|#.*\n)*(?:resource|data|module|provider|terraform|locals|variable|output)\s*["{]/
  return block.test(text)
}

/** Resources of Terraform and Pulumi stand below others. */
function findBlock(
  value: JsonObject,
  path: readonly (string | number)[] = [],
): { path: readonly (string | number)[]; type: string; tool: 'Terraform' | 'Pulumi' } | undefined {
  const block = foreignBlock(value)
  if (block) return { ...block, path: [...path, block.key] }
  if (path.length >= MAX_DEPTH) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const items: [(string | number)[], unknown][] = Array.isArray(inner)
      ? inner.map((item, index) => [[key, index], item])
      : [[[key], inner]]
    for (const [place, item] of items) {
      const found = isJsonObject(item) ? findBlock(item, [...path, ...place]) : undefined
      if (found) return found
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
