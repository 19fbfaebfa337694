import { readFileSync } from 'node:fs'
import { Ajv, type Options } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { OpenApi, type OpenApiDocument } from './openapi.ts'

const options: Options = {
  strict: false,
  allErrors: true,
  logger: false,
  // Parameters are texts; the checker never looks at what coercion makes of a body.
  formats: {
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
    uri: /^https?:\/\/[^\s]+$/,
    email: /^[^\s@]+@[^\s@]+$/,
    int64: true,
  },
}

function read(name: string): OpenApiDocument {
  return JSON.parse(readFileSync(new URL(`${name}.openapi.json`, import.meta.url), 'utf8'))
}

/** `POST /v1/actions` is not in the excerpt of Port's document; its body is that of the PUT. */
function withCreateAction(document: OpenApiDocument): OpenApiDocument {
  const { put } = document.paths['/v1/actions/{action_identifier}'] ?? {}
  if (!put) throw new Error('port.openapi.json has no PUT of an action')
  const create = { ...put, parameters: [] }
  return { ...document, paths: { ...document.paths, '/v1/actions': { post: create } } }
}

/**
 * OpenAPI 3.0's `nullable` as a union with null, which also holds beside an `enum` without null, as
 * GitHub's document has it.
 */
function withoutNullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutNullable)
  if (typeof node !== 'object' || node === null) return node
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, withoutNullable(value)]),
  )
  return nullable === true ? { anyOf: [{ type: 'null' }, rest] } : rest
}

/**
 * GitHub's document gives the query parameter `created` the format date-time, and its description the
 * search syntax (`>=2026-01-01T00:00:00Z`), which is what the server takes.
 */
function withSearchSyntax(document: OpenApiDocument): OpenApiDocument {
  const parameters = { ...document.components.parameters }
  parameters.created = { name: 'created', in: 'query', schema: { type: 'string' } }
  return { ...document, components: { ...document.components, parameters } }
}

export interface ServiceContract {
  api: OpenApi
  /** What the paths of the document are relative to. */
  base: string
  /** Where the schema of an error stands that the document does not list. */
  error: readonly string[]
}

/** The paths that no published document describes. */
function withUnpublished(document: OpenApiDocument): OpenApiDocument {
  return { ...document, paths: { ...document.paths, ...read('port-unpublished').paths } }
}

const port = withUnpublished(withCreateAction(read('port')))
const github = withoutNullable(withSearchSyntax(read('github'))) as OpenApiDocument
const gitlab = read('gitlab')

export const services: Readonly<Record<'port' | 'github' | 'gitlab', ServiceContract>> = {
  port: {
    api: new OpenApi('port', port, new Ajv2020({ ...options, coerceTypes: false })),
    base: '',
    error: [
      ...['paths', '/v1/actions/{action_identifier}', 'put', 'responses', '422'],
      ...['content', 'application/json', 'schema'],
    ],
  },
  github: {
    api: new OpenApi('github', github, new Ajv(options)),
    base: '/api/v3',
    error: ['components', 'schemas', 'basic-error'],
  },
  gitlab: {
    api: new OpenApi('gitlab', gitlab, new Ajv2020(options)),
    base: '/api/v4',
    error: ['components', 'schemas', 'error'],
  },
}
