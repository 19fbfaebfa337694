// The workflow inputs that hold what Port sent: which they are, and what a workflow reads of them.
import { isJsonObject, type Json, type JsonObject, setOwn } from '../json.ts'
import { expressionsIn, fieldReads } from '../lint/workflow/expressions.ts'
import { runIdInput } from '../run/find-run-id.ts'

/** What can be sent for a part of a context, by the path at which workflows read it. */
const PARTS: readonly (readonly [path: string, template: string])[] = [
  ['runId', '{{ .run.id }}'],
  ['run_id', '{{ .run.id }}'],
  ['context.runId', '{{ .run.id }}'],
  ['run.id', '{{ .run.id }}'],
  ['blueprint', '{{ .action.blueprint }}'],
  ['context.blueprint', '{{ .action.blueprint }}'],
  ['context.entity', '{{ .entity.identifier }}'],
  ['entity', '{{ .entity }}'],
  ['payload.entity', '{{ .entity }}'],
  ['relations', '{{ .entity.relations }}'],
  ['properties', '{{ .entity.properties }}'],
  ['payload.properties', '{{ .inputs }}'],
  ['inputs', '{{ .inputs }}'],
  ['trigger', '{{ .trigger }}'],
]
const RUN_ID_PATHS = ['runId', 'run_id', 'context.runId', 'run.id']

/** Whether Port fills in an input, and not a person. */
export type PortInput = 'run-id' | 'context' | undefined

/** Finds out what fills in an input of a workflow. */
export function portInput(name: string, reads: ReadonlyMap<string, readonly string[]>): PortInput {
  const known = runIdInput(name)
  if (known) return known
  const paths = reads.get(name) ?? []
  return paths.some((path) => RUN_ID_PATHS.includes(path)) ? 'context' : undefined
}

export interface ContextTemplate {
  template: JsonObject
  /** Paths that the workflow reads and for which nothing is known. */
  missing: string[]
  /** Whether it has something of an entity. */
  readsEntity: boolean
  /** Whether the workflow reads the entity as one value, which can be its identifier only. */
  isEntityPlain: boolean
}

/** Makes the template of an input that holds a context, with what the workflow reads of it. */
export function contextTemplate(paths: readonly string[]): ContextTemplate {
  const template: JsonObject = {}
  const missing: string[] = []
  const isEntityPlain = paths.includes('entity') && !paths.some((path) => /^entity\./.test(path))
  for (const path of paths) {
    const part = PARTS.find(([known]) => path === known || path.startsWith(`${known}.`))
    if (!part) {
      missing.push(path)
      continue
    }
    const [place, value] = part
    const isPlain = place === 'entity' && isEntityPlain
    set(template, place.split('.'), isPlain ? '{{ .entity.identifier }}' : value)
  }
  if (!paths.some((path) => RUN_ID_PATHS.includes(path))) template.runId = '{{ .run.id }}'
  return {
    template,
    missing,
    readsEntity: JSON.stringify(template).includes('.entity'),
    isEntityPlain,
  }
}

function set(object: JsonObject, [key = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    setOwn(object, key, value)
    return
  }
  const below = isJsonObject(object[key]) ? object[key] : {}
  setOwn(object, key, below)
  set(below, rest, value)
}

/** Which paths a workflow reads of inputs that hold JSON, by the name of the input. */
export function readsOf(document: Json): ReadonlyMap<string, readonly string[]> {
  const reads = new Map<string, string[]>()
  for (const { input, fields } of expressionsIn(document).flatMap(fieldReads)) {
    const paths = reads.get(input) ?? []
    const read = fields.join('.')
    if (read !== '' && !paths.includes(read)) paths.push(read)
    reads.set(input, paths)
  }
  return reads
}
