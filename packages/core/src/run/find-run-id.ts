import { isJsonObject } from '../json.ts'
import { identifierProblem, isRunId } from './run-id.ts'

/** Inputs that hold what Port sent, whole or in part, as JSON text or as an object. */
const CONTAINERS = ['port_context', 'port_payload']

/** Where the run id sits in what Port sent: trigger data, a run message, a workflow node run, or a part of them. */
const PATHS = [
  ['runId'],
  ['run_id'],
  ['context', 'runId'],
  ['run', 'id'],
  ['workflowNodeRun', 'identifier'],
]

/** Inputs that hold the run id itself. The first is ours, the others are names that everybody uses. */
const OUR_INPUT = 'port_run_id'
const INPUTS = [OUR_INPUT, 'runId', 'run_id']

/**
 * Whether an input is there for the id of the run, or for the context that holds it, by its name. Names are compared as
 * {@link findRunId} does.
 */
export function runIdInput(name: string): 'run-id' | 'context' | undefined {
  const isOneOf = (names: readonly string[]) =>
    names.some((known) => name === known || name === known.toUpperCase())
  if (isOneOf(INPUTS)) return 'run-id'
  return isOneOf(CONTAINERS) ? 'context' : undefined
}

export type FoundRunId =
  | {
      found: true
      /** `r_…`, or `wfnr_…` for a workflow node run. */
      runId: string
      /** Where: `port_context.context.runId`. */
      path: string
    }
  | MissingRunId

/** That no run id was found, and where it was looked for. */
export interface MissingRunId {
  found: false
  /** Every place that was looked at, for the error message. */
  searched: string[]
  /** Inputs that should have held JSON and did not. */
  unreadable: string[]
  /** Inputs that are there and hold nothing, as when a person starts the workflow by hand. */
  empty: string[]
  /** Places that hold something else than an id: a template that was not rendered. */
  unusable: string[]
}

/**
 * Finds the id of the Port run in the inputs of a workflow, in the variables of a pipeline, or in a payload of Port.
 *
 * Looks in all the places that the workflows of Port's documentation use: `port_context.runId`,
 * `port_payload.context.runId` and the like first, then the inputs `port_run_id`, `runId` and `run_id`, then in the
 * inputs, or below `payload` in them, as if they were what Port sent. Names are compared as they are and in upper case, as variables often are. An id
 * that has the shape of one (`r_…`, `wfnr_…`) counts more than one that has not, which is believed only in the places
 * that are Port's own. Blanks around an id do not count.
 */
export function findRunId(inputs: unknown): FoundRunId {
  const missing = nothingFound()
  let unshaped: FoundRunId | undefined
  for (const { name, value, isPorts } of placesIn(inputs, missing)) {
    if (typeof value !== 'string' || value.trim() === '') continue
    const runId = value.trim()
    if (isRunId(runId)) return { found: true, runId, path: name }
    if (!isPorts || /^\d+$/.test(runId)) continue
    if (/\s|[{}$]/.test(runId) || identifierProblem(runId)) missing.unusable.push(name)
    else unshaped ??= { found: true, runId, path: name }
  }
  return unshaped ?? missing
}

/**
 * Finds the id of the Port run in the event that started a CI run: the file that `GITHUB_EVENT_PATH` or
 * `TRIGGER_PAYLOAD` names. Inputs are below `inputs` (workflow_dispatch), `client_payload` (repository_dispatch) or
 * `variables` (GitLab); the event itself can be what Port sent, as for GitLab's trigger API.
 *
 * @param more further sets of inputs to look at afterwards, as the variables of a GitLab job
 */
export function findRunIdInEvent(event: unknown, ...more: unknown[]): FoundRunId {
  const { inputs, client_payload: payload, variables } = isJsonObject(event) ? event : {}
  const missing = nothingFound()
  for (const source of [inputs, payload, variables, event, ...more].filter(isJsonObject)) {
    const found = findRunId(source)
    if (found.found) return found
    for (const list of ['searched', 'unreadable', 'empty', 'unusable'] as const) {
      missing[list] = [...new Set([...missing[list], ...found[list]])]
    }
  }
  return missing
}

interface Place {
  name: string
  value: unknown
  /** Whether only Port, or who follows Port's documentation, uses this name. */
  isPorts: boolean
}

function* placesIn(inputs: unknown, missing: MissingRunId): Generator<Place> {
  for (const container of CONTAINERS) {
    const entry = pick(inputs, container)
    if (entry && isEmpty(entry.value)) missing.empty.push(entry.name)
    else if (entry && !isJsonObject(parsed(entry.value))) missing.unreadable.push(entry.name)
    for (const place of placesBelow(entry?.name ?? container, entry?.value)) {
      missing.searched.push(place.name)
      yield { ...place, isPorts: true }
    }
  }
  for (const input of INPUTS) {
    missing.searched.push(input)
    const entry = pick(inputs, input)
    if (entry && isEmpty(entry.value)) missing.empty.push(entry.name)
    if (entry) yield { ...entry, isPorts: input === OUR_INPUT }
  }
  for (const place of placesBelow('', inputs)) {
    if (place.name.includes('.')) missing.searched.push(place.name)
    yield { ...place, isPorts: false }
  }
  for (const place of placesBelow('payload', pick(inputs, 'payload')?.value)) {
    yield { ...place, isPorts: false }
  }
}

function* placesBelow(container: string, source: unknown): Generator<Omit<Place, 'isPorts'>> {
  for (const path of PATHS) {
    const name = [container, ...path].filter(Boolean).join('.')
    // A part can be JSON text too: an input `context` that holds the context.
    const value = path.reduce<unknown>((at, key) => pick(parsed(at), key)?.value, source)
    yield { name, value }
  }
}

function nothingFound(): MissingRunId {
  return { found: false, searched: [], unreadable: [], empty: [], unusable: [] }
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

function pick(inputs: unknown, name: string): { name: string; value: unknown } | undefined {
  if (!isJsonObject(inputs)) return undefined
  const key = [name, name.toUpperCase()].find((candidate) => Object.hasOwn(inputs, candidate))
  return key === undefined ? undefined : { name: key, value: inputs[key] }
}

/** JSON text as what it holds, everything else as it is. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
