import type { JsonObject } from '../json.ts'

/** A method with the name of its action where actions have it: in the nodes of Port's workflows it has another. */
export function withActionType(method: JsonObject): JsonObject {
  const { type, integrationActionType, integrationInvocationType: node } = method
  if (type !== 'INTEGRATION_ACTION' || node === undefined || integrationActionType) return method
  return { ...method, integrationActionType: node }
}
