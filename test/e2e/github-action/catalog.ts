import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { isJsonObject, type JsonObject } from '@port-dispatch/core'

export interface CatalogCall {
  call: string
  body?: JsonObject
}

interface Answer {
  status: number
  body: JsonObject
}

/** The catalog of Port on a real HTTP server: entities that relate to others need those to exist. */
export class Catalog {
  readonly calls: CatalogCall[] = []
  readonly entities = new Map<string, JsonObject>()
  /** Answers in place of the catalog. */
  refuse: (call: CatalogCall) => Answer | undefined = () => undefined
  readonly #server: Server

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const sent = await text(request)
      const { method = '', url = '' } = request
      const call: CatalogCall = {
        call: `${method} ${decodeURIComponent(url)}`,
        ...(sent !== '' && { body: JSON.parse(sent) }),
      }
      if (!url.startsWith('/v1/auth/')) this.calls.push(call)
      const { status, body } = this.refuse(call) ?? this.#answer(call)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    })
  }

  static async start(): Promise<Catalog> {
    const catalog = new Catalog()
    catalog.#server.listen(0, '127.0.0.1')
    await once(catalog.#server, 'listening')
    return catalog
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Methods and paths of the calls, without their queries. */
  get routes(): string[] {
    return this.calls.map(({ call }) => call.split('?')[0] ?? '')
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer({ call, body = {} }: CatalogCall): Answer {
    const [route = ''] = call.split('?')
    if (route === 'POST /v1/auth/access_token') {
      return { status: 200, body: { ok: true, accessToken: 'token-of-port', expiresIn: 3600 } }
    }
    if (route === 'POST /v1/entities/search') {
      return { status: 200, body: { ok: true, entities: [...this.entities.values()] } }
    }
    const [, method, blueprint = '', rest] =
      /^(\w+) \/v1\/blueprints\/([^/]+)\/entities(?:\/(.+))?$/.exec(route) ?? []
    if (method === 'POST' && rest === 'bulk') return this.#storeAll(blueprint, body)
    if (method === 'POST') return this.#store(blueprint, body)
    const key = `${blueprint}/${rest}`
    const entity = this.entities.get(key)
    if (!entity) return notFound(`Entity "${rest}" was not found`)
    if (method === 'DELETE') this.entities.delete(key)
    return { status: 200, body: { ok: true, ...(method === 'GET' && { entity }) } }
  }

  #store(blueprint: string, body: JsonObject): Answer {
    const { relations } = body
    const missing = Object.values(isJsonObject(relations) ? relations : {}).find(
      (target) => ![...this.entities.values()].some(({ identifier }) => identifier === target),
    )
    if (missing !== undefined) return notFound(`Related entity "${missing}" was not found`)
    const { title } = body
    if (title === 'bad') {
      return { status: 422, body: { ok: false, error: 'invalid', message: 'title must be good' } }
    }
    const entity = { identifier: `made-${this.entities.size}`, blueprint, ...body }
    this.entities.set(`${blueprint}/${entity.identifier}`, entity)
    return { status: 201, body: { ok: true, entity } }
  }

  #storeAll(blueprint: string, { entities }: JsonObject): Answer {
    const answers = (Array.isArray(entities) ? entities : []).map((entity) =>
      this.#store(blueprint, isJsonObject(entity) ? entity : {}),
    )
    const stored = answers.flatMap(({ body: { entity } }, index) =>
      isJsonObject(entity) ? [{ identifier: entity.identifier ?? null, index, created: true }] : [],
    )
    const errors = answers.flatMap(({ status, body: { error, message } }, index) =>
      error === undefined ? [] : [{ index, statusCode: status, error, message: message ?? null }],
    )
    return {
      status: errors.length > 0 ? 207 : 200,
      body: { ok: errors.length === 0, entities: stored, errors },
    }
  }
}

function notFound(message: string): Answer {
  return { status: 404, body: { ok: false, error: 'not_found', message } }
}
