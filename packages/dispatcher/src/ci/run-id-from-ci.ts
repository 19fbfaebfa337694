import { readFile } from 'node:fs/promises'
import { InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import { type FoundRunId, findRunId } from '@port-dispatch/core/run'
import type { Environment } from '../environment.ts'
import type { CiJob } from './detect-ci.ts'

/**
 * Finds the Port run that started this CI job: in the inputs of the event's file, then in the variables of the job.
 *
 * @throws InputError that lists where it was looked for
 */
export async function runIdFromCi(env: Environment, job: CiJob | undefined): Promise<string> {
  const places: FoundRunId[] = []
  for (const inputs of [
    ...(await eventInputs(job)),
    ...(job?.name === 'GitLab CI' ? [{ ...env }] : []),
  ]) {
    const found = findRunId(inputs)
    if (found.found) return found.runId
    places.push(found)
  }
  throw new InputError('It is unknown which Port run to report on:', [
    { path: 'PORT_RUN_ID', message: `is missing, and so is --run-id.${lookedFor(places)}` },
  ])
}

function lookedFor(places: readonly FoundRunId[]): string {
  const [last] = places
  if (!last || last.found) return ''
  const unreadable = places.flatMap((place) => (place.found ? [] : place.unreadable))
  const broken =
    unreadable.length > 0 ? ` ${unreadable.join(', ')} did not hold a JSON object.` : ''
  return ` It was looked for in the inputs of the event, as ${last.searched.join(', ')}.${broken}`
}

/** Inputs are below `inputs` (workflow_dispatch), `client_payload` (repository_dispatch) or `variables` (GitLab). */
async function eventInputs(job: CiJob | undefined): Promise<JsonObject[]> {
  const event = await readEvent(job?.eventPath)
  if (!isJsonObject(event)) return []
  return [event.inputs, event.client_payload, event.variables, event].filter(isJsonObject)
}

async function readEvent(path: string | undefined): Promise<unknown> {
  if (!path) return undefined
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined
  }
}
