import { type JsonObject, PortDispatchError } from '@port-dispatch/core'
import type { DispatchableUpsertEntityMethod } from '@port-dispatch/core/action'
import { type PortClient, PortError } from '@port-dispatch/core/port'
import type { Plan, Started } from '../backend.ts'
import { BackendError } from '../backend-error.ts'

/** Plans the writing of an entity (`POST /v1/blueprints/{blueprint_identifier}/entities?upsert=true`). */
export function planEntity(
  { blueprintIdentifier: blueprint, mapping }: DispatchableUpsertEntityMethod,
  client: PortClient,
  portRunId: string | undefined,
): Plan {
  const { identifier } = mapping
  const entity: JsonObject = { ...mapping }
  const target =
    identifier === undefined
      ? `an entity of blueprint ${blueprint}`
      : `entity ${identifier} of blueprint ${blueprint}`
  return {
    type: 'UPSERT_ENTITY',
    backend: 'Port',
    target,
    startLabel: 'Storing the entity',
    // Without an identifier Port makes a new entity each time.
    isRepeatable: identifier !== undefined,
    preview: { blueprint, entity },
    notes: [],
    endsPortRun: true,
    unsettled: `It is unknown whether Port stored ${target}.`,
    start: (signal) => store(client, { blueprint, entity, portRunId }, signal),
  }
}

async function store(
  client: PortClient,
  {
    blueprint,
    entity,
    portRunId,
  }: {
    blueprint: string
    entity: JsonObject
    portRunId: string | undefined
  },
  signal: AbortSignal | undefined,
): Promise<Started> {
  try {
    const stored = await client.entities.upsert(blueprint, entity, { runId: portRunId, signal })
    return {
      type: 'ended',
      outcome: { status: 'SUCCESS', statusLabel: 'Entity stored' },
      message: `Stored entity ${stored.identifier} of blueprint ${blueprint}.`,
    }
  } catch (error) {
    if (!(error instanceof PortDispatchError)) throw error
    const { status, effect = 'none' } = error instanceof PortError ? error : {}
    // As the backend of this action, Port reports its refusal on the run like every other one.
    throw new BackendError(error.summary, {
      status,
      effect,
      label: 'Entity not stored',
      advice: error.advice,
      cause: error,
    })
  }
}
