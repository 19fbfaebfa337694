import { InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import { type FoundRunId, findRunId } from '@port-dispatch/core/run'
import type { Environment } from '../environment.ts'
import type { CiJob } from './detect-ci.ts'
import { readEvent } from './read-event.ts'

/** That no run id was found, and where it was looked for. */
export type MissingRunId = Extract<FoundRunId, { found: false }>

/**
 * Finds the Port run that started this CI job: in the inputs of the event's file, then in the variables of the job.
 *
 * @throws InputError that lists where it was looked for
 */
export async function runIdFromCi(env: Environment, job: CiJob | undefined): Promise<string> {
  const found = await searchRunId(env, job)
  if (found.found) return found.runId
  throw new InputError('It is unknown which Port run to report on:', [
    { path: 'PORT_RUN_ID', found: `is missing, and so is --run-id.${whereLooked(found)}` },
  ])
}

/** As {@link runIdFromCi}, for those who have their own words for what is missing. */
export async function searchRunId(env: Environment, job: CiJob | undefined): Promise<FoundRunId> {
  const missing: MissingRunId = { found: false, searched: [], unreadable: [], empty: [] }
  for (const inputs of [
    ...(await eventInputs(job)),
    ...(job?.name === 'GitLab CI' ? [{ ...env }] : []),
  ]) {
    const found = findRunId(inputs)
    if (found.found) return found
    if (missing.searched.length === 0) missing.searched = found.searched
    missing.unreadable.push(...found.unreadable)
    missing.empty.push(...found.empty)
  }
  return missing
}

/** Says where a run id was looked for, as sentences that follow another one. Empty if there was nowhere to look. */
export function whereLooked({ searched, unreadable }: MissingRunId): string {
  if (searched.length === 0) return ''
  const broken =
    unreadable.length > 0 ? ` ${unreadable.join(', ')} did not hold a JSON object.` : ''
  return ` It was looked for in the inputs of the event, as ${searched.join(', ')}.${broken}`
}

/**
 * Inputs are below `inputs` (workflow_dispatch), `client_payload` (repository_dispatch) or `variables` (GitLab). A
 * webhook of Port that calls GitLab's trigger API sends the payload as it is.
 */
async function eventInputs(job: CiJob | undefined): Promise<JsonObject[]> {
  const event = await readEvent(job?.eventPath)
  if (!isJsonObject(event)) return []
  const whole = job?.name === 'GitLab CI' ? { port_payload: event } : undefined
  return [event.inputs, event.client_payload, event.variables, event, whole].filter(isJsonObject)
}
