import { InputError } from '@port-dispatch/core'

const OPERATIONS = [
  'REPORT',
  'DISPATCH',
  'RENDER',
  'LINT',
  'PATCH_RUN',
  'CREATE_RUN',
  'UPSERT',
  'BULK_UPSERT',
  'GET',
  'DELETE',
  'SEARCH',
] as const

export type Operation = (typeof OPERATIONS)[number]

/** Names that port-labs/port-github-action had before, and those that people write in their place. */
const OTHER_NAMES: Readonly<Record<string, Operation>> = {
  UPDATE_RUN: 'PATCH_RUN',
  UPSERT_ENTITY: 'UPSERT',
  GET_ENTITY: 'GET',
  DELETE_ENTITY: 'DELETE',
}

/**
 * @param text the input `operation`, in any case
 * @throws InputError that says what to write instead
 */
export function parseOperation(text: string): Operation {
  const name = text.toUpperCase()
  const known = OPERATIONS.find((operation) => operation === name)
  if (known) return known
  throw new InputError('The operation is not known:', [
    { path: 'operation', found: `found "${text}"${advice(name)}` },
  ])
}

function advice(name: string): string {
  const now = OTHER_NAMES[name]
  if (now) return `, which is called ${now}`
  return `; expected one of ${OPERATIONS.join(', ')}`
}
