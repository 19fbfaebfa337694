import { isJsonObject, type JsonObject } from '../json.ts'
import { type Identifier, path } from './path.ts'
import { PortError, type Remedy } from './port-error.ts'
import { type CallOptions, isOk, type Query, type Session } from './session.ts'

/** An entity of the catalog as Port sends it. */
export type Entity = JsonObject & { identifier: string }

/** How entities are stored. */
export interface StoreOptions extends CallOptions {
  /** Whether an entity that exists is changed. Default true; without it, one that exists is refused (409). */
  upsert?: boolean
  /** Whether properties that are not given stay as they are. Port's default is to replace the entity. */
  merge?: boolean
  /** Port run that the change belongs to. */
  runId?: string | undefined
  createMissingRelatedEntities?: boolean
}

export interface BulkResult {
  /** Those that were stored, with their places in the request if the response has them. */
  stored: { identifier: string; index?: number }[]
  /** Those that were not. */
  failed: BulkFailure[]
}

export interface BulkFailure {
  identifier?: string
  /** Place in the request, from 0. */
  index?: number
  status?: number
  message: string
}

/** The most entities that Port takes in one request. */
export const MAX_BULK = 20

const REMEDIES: readonly Remedy[] = [
  {
    status: 404,
    said: /blueprint/i,
    advice: 'Check the identifier of the blueprint.',
  },
  {
    status: 404,
    said: /not.?found|no such|does not exist|could not find/i,
    advice: 'Check the identifiers of the blueprint and of the entity.',
  },
]

const CREATE_REMEDIES: readonly Remedy[] = [
  ...REMEDIES,
  {
    status: 409,
    said: /exist|conflict/i,
    advice: 'An entity with this identifier exists. Use upsert to change it.',
  },
]

/** The calls of Port's API on entities of the catalog. */
export class Entities {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** `POST /v1/blueprints/{blueprint}/entities` */
  async upsert(blueprint: string, entity: JsonObject, options: StoreOptions = {}): Promise<Entity> {
    const { upsert = true } = options
    return await this.#session.call({
      method: 'POST',
      path: path`/v1/blueprints/${blueprintIdentifier(blueprint)}/entities`,
      query: storeQuery(options),
      body: entity,
      what: `store an entity of blueprint ${blueprint}`,
      remedies: upsert ? REMEDIES : CREATE_REMEDIES,
      // Creating twice is refused, although the first request may have done it. Without an identifier Port makes one, and
      // each request another entity.
      repetition: upsert && entity.identifier !== undefined ? 'repeatable' : 'once',
      expect: (body) => (isJsonObject(body) ? readEntity(body.entity) : undefined),
      ...callOptions(options),
    })
  }

  /**
   * `POST /v1/blueprints/{blueprint}/entities/bulk`
   *
   * @param entities at most {@link MAX_BULK}
   */
  async bulk(
    blueprint: string,
    entities: readonly JsonObject[],
    options: StoreOptions = {},
  ): Promise<BulkResult> {
    const { upsert = true } = options
    return await this.#session.call({
      method: 'POST',
      path: path`/v1/blueprints/${blueprintIdentifier(blueprint)}/entities/bulk`,
      query: storeQuery(options),
      body: { entities },
      what: `store ${entities.length} entities of blueprint ${blueprint}`,
      remedies: upsert ? REMEDIES : CREATE_REMEDIES,
      repetition: upsert ? 'repeatable' : 'once',
      expect: readBulk,
      ...callOptions(options),
    })
  }

  /** `GET /v1/blueprints/{blueprint}/entities/{identifier}` */
  async get(blueprint: string, identifier: string, options?: CallOptions): Promise<Entity> {
    return await this.#session.call({
      method: 'GET',
      path: path`/v1/blueprints/${blueprintIdentifier(blueprint)}/entities/${entityIdentifier(identifier)}`,
      what: `read entity ${identifier} of blueprint ${blueprint}`,
      remedies: REMEDIES,
      expect: (body) => (isJsonObject(body) ? readEntity(body.entity) : undefined),
      ...options,
    })
  }

  /** `DELETE /v1/blueprints/{blueprint}/entities/{identifier}` */
  async delete(
    blueprint: string,
    identifier: string,
    options: CallOptions & { runId?: string | undefined; deleteDependents?: boolean } = {},
  ): Promise<void> {
    const { runId, deleteDependents, ...bounds } = options
    const call = {
      method: 'DELETE',
      path: path`/v1/blueprints/${blueprintIdentifier(blueprint)}/entities/${entityIdentifier(identifier)}`,
      query: { run_id: runId, delete_dependents: deleteDependents },
      what: `delete entity ${identifier} of blueprint ${blueprint}`,
      remedies: REMEDIES,
      expect: (body: unknown) => (body === undefined || isOk(body) ? true : undefined),
      ...bounds,
      deadline: this.#session.deadlineOf(bounds),
    } as const
    try {
      await this.#session.call({ ...call, repetition: 'once' })
    } catch (error) {
      if (!(error instanceof PortError) || error.effect === 'none') throw error
      await this.#session.call(call).catch((again) => {
        // The first request has done it, and its response was lost.
        if (!(again instanceof PortError) || again.status !== 404) throw again
      })
    }
  }

  /**
   * `POST /v1/entities/search`
   *
   * @param query rules, as Port's search takes them: `{combinator, rules}`
   * @param parameters of the address, as Port has them: `{include: ['identifier'], exclude_calculated_properties: true}`
   */
  async search(
    query: JsonObject,
    parameters: Query = {},
    options?: CallOptions,
  ): Promise<Entity[]> {
    return await this.#session.call({
      method: 'POST',
      path: '/v1/entities/search',
      query: parameters,
      body: query,
      what: 'search entities',
      remedies: REMEDIES,
      expect: (body) => {
        const list = isJsonObject(body) ? body.entities : undefined
        // `include` can leave the identifier out.
        return Array.isArray(list) && list.every(isJsonObject) ? (list as Entity[]) : undefined
      },
      ...options,
    })
  }
}

function blueprintIdentifier(value: string): Identifier {
  return { name: 'blueprint', value, slashes: '\\' }
}

function entityIdentifier(value: string): Identifier {
  return { name: 'entity identifier', value, slashes: '/\\' }
}

function storeQuery(options: StoreOptions): Query {
  const { upsert = true, merge, runId, createMissingRelatedEntities } = options
  return {
    upsert,
    merge,
    run_id: runId,
    create_missing_related_entities: createMissingRelatedEntities,
  }
}

function callOptions({ deadline, signal }: CallOptions): CallOptions {
  return { deadline, signal }
}

function readEntity(value: unknown): Entity | undefined {
  return isJsonObject(value) && typeof value.identifier === 'string' ? (value as Entity) : undefined
}

/** `{ok, entities: [{identifier, index}], errors: [{identifier, index, statusCode, error, message}]}` */
function readBulk(body: unknown): BulkResult | undefined {
  if (!isJsonObject(body) || !Array.isArray(body.entities)) return undefined
  const stored = body.entities.map(readEntity).filter((entity) => entity !== undefined)
  const errors = Array.isArray(body.errors) ? body.errors.filter(isJsonObject) : []
  return {
    stored: stored.map(({ identifier, index }) => ({
      identifier,
      ...(typeof index === 'number' && { index }),
    })),
    failed: errors.map(({ identifier, index, statusCode, error, message }) => ({
      ...(typeof identifier === 'string' && { identifier }),
      ...(typeof index === 'number' && { index }),
      ...(typeof statusCode === 'number' && { status: statusCode }),
      message: textOf(message) ?? textOf(error) ?? 'no reason given',
    })),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
