import type { PortAction } from '../definition/definition.ts'
import { isRecord } from '../is-record.ts'
import { refuse } from './refuse.ts'

/**
 * Checks the user inputs of a new run against the `userInputs` of the action: required and unknown inputs,
 * types and enums. Rules that are jq queries are not evaluated.
 */
export function checkProperties(action: PortAction, properties: Record<string, unknown>): void {
  const userInputs = isRecord(action.trigger.userInputs) ? action.trigger.userInputs : {}
  const known = isRecord(userInputs.properties) ? userInputs.properties : {}
  const required = Array.isArray(userInputs.required) ? userInputs.required : []
  const fail = (message: string) => refuse(422, 'invalid_properties', message)

  for (const name of required)
    if (!(String(name) in properties)) fail(`properties must have required property '${name}'`)
  for (const [name, value] of Object.entries(properties)) {
    const rule = known[name]
    if (!isRecord(rule)) fail(`properties must NOT have additional properties ('${name}')`)
    else if (!hasType(value, rule.type)) fail(`properties/${name} must be ${rule.type}`)
    else if (Array.isArray(rule.enum) && !rule.enum.includes(value))
      fail(
        `properties/${name} must be equal to one of the allowed values (${rule.enum.join(', ')})`,
      )
  }
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isRecord(value)
  return type === undefined || typeof value === type
}
