import { InputError } from '@port-dispatch/core'

const OPERATIONS = ['REPORT', 'DISPATCH', 'RENDER', 'PATCH_RUN', 'CREATE_RUN'] as const

export type Operation = (typeof OPERATIONS)[number]

/** Operations of port-labs/port-github-action on entities. */
const ENTITY_OPERATIONS = ['UPSERT', 'BULK_UPSERT', 'SEARCH', 'GET', 'DELETE']

/** Names that it had before. */
const FORMER_NAMES: Readonly<Record<string, Operation>> = { UPDATE_RUN: 'PATCH_RUN' }

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
  if (ENTITY_OPERATIONS.includes(name)) {
    return ', which works on entities, not on runs; keep "uses: port-labs/port-github-action@v1" for it'
  }
  const now = FORMER_NAMES[name]
  if (now) return `, which is called ${now} now`
  return `; expected one of ${OPERATIONS.join(', ')}`
}
