import { isJsonObject } from '../json.ts'

/** Inputs that hold Port's context, whole or in part, as JSON text or as an object. */
const CONTAINERS = ['port_context', 'port_payload']

/** Where the run id sits in a container. */
const PATHS = [['runId'], ['run_id'], ['context', 'runId'], ['run', 'id']]

/** Inputs that hold the run id itself. */
const INPUTS = ['port_run_id', 'runId', 'run_id']

export type FoundRunId =
  | { found: true; runId: string; path: string }
  | {
      found: false
      /** Every place that was looked at, for the error message. */
      searched: string[]
      /** Inputs that should have held JSON and did not. */
      unreadable: string[]
      /** Inputs that are there and hold nothing, as when a person starts the workflow by hand. */
      empty: string[]
    }

/**
 * Finds the id of the Port run in the inputs of a workflow, or in the variables of a pipeline.
 *
 * Looks in all the places that the workflows of Port's documentation use: `port_context.runId`,
 * `port_payload.context.runId` and the like first, then the inputs `port_run_id`, `runId` and `run_id`. Names are
 * compared as they are and in upper case, as variables often are. A bare `runId` or `run_id` of digits alone is the id
 * of a CI run and is passed over.
 */
export function findRunId(inputs: unknown): FoundRunId {
  const searched: string[] = []
  const unreadable: string[] = []
  const empty: string[] = []
  for (const container of CONTAINERS) {
    const entry = pick(inputs, container)
    const value = typeof entry?.value === 'string' ? parseJson(entry.value) : entry?.value
    if (entry && typeof entry.value === 'string' && entry.value.trim() && !isJsonObject(value)) {
      unreadable.push(entry.name)
    }
    if (entry && isEmpty(entry.value)) empty.push(entry.name)
    for (const path of PATHS) {
      const where = [entry?.name ?? container, ...path].join('.')
      searched.push(where)
      const runId = path.reduce<unknown>(
        (at, key) => (isJsonObject(at) ? at[key] : undefined),
        value,
      )
      if (isRunId(runId)) return { found: true, runId, path: where }
    }
  }
  for (const input of INPUTS) {
    searched.push(input)
    const entry = pick(inputs, input)
    if (isRunId(entry?.value) && !/^\d+$/.test(entry.value)) {
      return { found: true, runId: entry.value, path: entry.name }
    }
    if (entry && isEmpty(entry.value)) empty.push(entry.name)
  }
  return { found: false, searched, unreadable, empty }
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

function pick(inputs: unknown, name: string): { name: string; value: unknown } | undefined {
  if (!isJsonObject(inputs)) return undefined
  const key = [name, name.toUpperCase()].find((candidate) => Object.hasOwn(inputs, candidate))
  return key === undefined ? undefined : { name: key, value: inputs[key] }
}

function isRunId(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
