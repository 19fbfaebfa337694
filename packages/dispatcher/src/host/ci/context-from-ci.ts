import { isJsonObject, type Json, type JsonObject } from '@port-dispatch/core'
import type { Environment } from '../../network/environment.ts'
import type { CiJob } from './detect-ci.ts'
import { readEvent } from './read-event.ts'
import { searchRunId } from './run-id-from-ci.ts'

/** Inputs and variables that hold what Port knows of the run; the later one counts more. */
const CONTAINERS = ['PORT_PAYLOAD', 'port_payload', 'PORT_CONTEXT', 'port_context']

/**
 * Makes trigger data, or a run message, of what started this CI job: what Port sent in `port_payload` or
 * `port_context`, and the other inputs of the workflow, or variables of the trigger call, as user inputs.
 *
 * @returns undefined if Port sent nothing that can be used
 */
export async function contextFromCi(
  env: Environment,
  job: CiJob | undefined,
): Promise<JsonObject | undefined> {
  const event = await readEvent(job?.eventPath)
  const sent = sentInputs(event, job)
  const whole = [event, sent].find((value) => isJsonObject(value) && isContext(value))
  if (isJsonObject(whole)) return whole
  const { container, rest } = takeContainers({ ...containersIn(env, job), ...sent })
  if (container?.resourceType === 'run') return container
  const found = await searchRunId(env, job)
  if (!container && !sent && !found.found) return undefined
  return {
    inputs: rest,
    trigger: null,
    event: null,
    entity: null,
    action: null,
    run: found.found ? { id: found.runId } : null,
    secrets: {},
    ...container,
  }
}

/** Below `inputs` in a workflow_dispatch, `client_payload` in a repository_dispatch, `variables` in a trigger call. */
function sentInputs(event: unknown, job: CiJob | undefined): JsonObject | undefined {
  if (!isJsonObject(event)) return undefined
  if (job?.name === 'GitLab CI') {
    const { ref: _ref, variables, ...body } = event
    return { ...body, ...(isJsonObject(variables) && variables) }
  }
  return [event.inputs, event.client_payload].find(isJsonObject)
}

/** Whether a payload is trigger data, or a run message, as it is. */
function isContext({ trigger, run, resourceType }: JsonObject): boolean {
  return isJsonObject(trigger) || isJsonObject(run) || resourceType === 'run'
}

/**
 * The variables of a GitLab pipeline are in the environment of its jobs, where GitLab has replaced what looks like a
 * variable in them. So the trigger call counts more.
 */
function containersIn(env: Environment, job: CiJob | undefined): JsonObject {
  if (job?.name !== 'GitLab CI') return {}
  return Object.fromEntries(CONTAINERS.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
}

function takeContainers(sent: JsonObject): { container?: JsonObject; rest: JsonObject } {
  const rest = { ...sent }
  let container: JsonObject | undefined
  for (const name of CONTAINERS) {
    const value = parseObject(rest[name])
    delete rest[name]
    if (value) container = { ...container, ...value }
  }
  return { ...(container && { container }), rest }
}

function parseObject(value: Json | undefined): JsonObject | undefined {
  if (typeof value !== 'string') return isJsonObject(value) ? value : undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
