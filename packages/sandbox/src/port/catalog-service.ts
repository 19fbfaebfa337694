import type { Hono } from 'hono'
import { json } from '../answer.ts'
import { hash } from '../hash.ts'
import { isRecord } from '../is-record.ts'
import type { PortAccess } from './port-access.ts'
import { refuse } from './refuse.ts'

export interface StoredEntity extends Readonly<Record<string, unknown>> {
  readonly identifier: string
  readonly blueprint: string
}

/** The entities of the catalog. Every blueprint but `missing` exists. */
export class CatalogService {
  readonly #port: PortAccess
  readonly #entities = new Map<string, StoredEntity>()

  constructor(port: PortAccess) {
    this.#port = port
  }

  /** In the order in which they were stored first. */
  all(): StoredEntity[] {
    return [...this.#entities.values()]
  }

  addTo(app: Hono): void {
    const { guard, body } = this.#port
    app.post('/v1/blueprints/:blueprint/entities', ({ req }) =>
      guard(req.raw, async () => {
        const { blueprint } = req.param()
        if (blueprint === 'missing') {
          refuse(404, 'not_found', `Blueprint with identifier "${blueprint}" was not found`)
        }
        const given = await body(req.raw)
        if (!isRecord(given)) return refuse(422, 'invalid_request', 'body must be object')
        const generated = `e_${hash(blueprint, this.#entities.size).slice(0, 16)}`
        const { identifier = generated } = given
        if (typeof identifier !== 'string') {
          return refuse(422, 'invalid_request', 'body/identifier must be string')
        }
        const key = `${blueprint}/${identifier}`
        if (this.#entities.has(key) && req.query('upsert') !== 'true') {
          refuse(409, 'conflict', `Entity "${identifier}" already exists`)
        }
        const before = req.query('merge') === 'true' ? this.#entities.get(key) : undefined
        const entity = { ...before, ...given, identifier, blueprint }
        this.#entities.set(key, entity)
        return json(201, { ok: true, entity })
      }),
    )
    app.get('/v1/blueprints/:blueprint/entities/:identifier', ({ req }) =>
      guard(req.raw, () => {
        const { blueprint, identifier } = req.param()
        const entity = this.#entities.get(`${blueprint}/${identifier}`)
        if (!entity) return refuse(404, 'not_found', `Entity "${identifier}" was not found`)
        return json(200, { ok: true, entity })
      }),
    )
  }
}
