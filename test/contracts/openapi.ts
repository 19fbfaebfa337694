import type { Ajv, ValidateFunction } from 'ajv'

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: object
}

interface Answer {
  content?: Record<string, { schema: object }>
  headers?: Record<string, { required?: boolean }>
}

export interface Operation {
  parameters?: (Parameter | Reference)[]
  requestBody?: { required?: boolean; content: Record<string, { schema: object }> }
  responses: Record<string, Answer | Reference>
  'x-parameters-in-query-or-body'?: boolean
}

interface Reference {
  $ref: string
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

export interface FoundOperation {
  operation: Operation
  /** Where it stands in the document, as the steps of a JSON pointer. */
  pointer: readonly string[]
  pathParameters: Readonly<Record<string, string>>
}

/** An OpenAPI document whose parts can be looked up and checked with ajv. */
export class OpenApi {
  readonly #document: OpenApiDocument
  readonly #ajv: Ajv
  readonly #id: string
  readonly #templates: { template: string; pattern: RegExp; names: string[] }[]

  constructor(id: string, document: OpenApiDocument, ajv: Ajv) {
    this.#id = id
    this.#document = document
    this.#ajv = ajv
    ajv.addSchema(document, id)
    this.#templates = Object.entries(document.paths)
      .map(([template, item]) => ({
        template,
        pattern: pathPattern(template, multiSegmentNames(item)),
        names: [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      }))
      // `/runs` before `/{id}`: the template with fewer parameters is the more specific one.
      .toSorted((one, other) => one.names.length - other.names.length)
  }

  find(method: string, path: string): FoundOperation | undefined {
    for (const { template, pattern, names } of this.#templates) {
      const match = pattern.exec(path)
      const verb = method.toLowerCase()
      const operation = this.#document.paths[template]?.[verb]
      if (!match || !operation) continue
      const values = names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')])
      return {
        operation,
        pointer: ['paths', template, verb],
        pathParameters: Object.fromEntries(values),
      }
    }
    return undefined
  }

  /** Follows a reference into the document's components. */
  resolve<Value extends object>(value: Value | Reference): { value: Value; pointer?: string[] } {
    if (!('$ref' in value)) return { value }
    const pointer = value.$ref.replace(/^#\//, '').split('/')
    let found: unknown = this.#document
    for (const step of pointer) found = (found as Record<string, unknown>)[step]
    return { value: found as Value, pointer }
  }

  /** The problems of a value with the schema at a place of the document. */
  check(pointer: readonly string[], value: unknown): string[] {
    const steps = pointer.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'))
    const ref = `${this.#id}#/${steps.map(encodeURIComponent).join('/')}`
    const validate: ValidateFunction = this.#ajv.getSchema(ref) ?? this.#ajv.compile({ $ref: ref })
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath || 'value'} ${message} ${JSON.stringify(params)}`.trim(),
    )
  }
}

function multiSegmentNames(item: Record<string, Operation>): string[] {
  const parameters = Object.values(item).flatMap((operation) => operation.parameters ?? [])
  return parameters.flatMap((parameter) =>
    'name' in parameter && 'x-multi-segment' in parameter ? [parameter.name] : [],
  )
}

function pathPattern(template: string, multiSegment: readonly string[]): RegExp {
  const source = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    multiSegment.includes(name) ? '(.+)' : '([^/]+)',
  )
  return new RegExp(`^${source}$`)
}
