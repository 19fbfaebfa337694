import { InputError } from '@port-dispatch/core'
import { type FoundRunId, findRunIdInEvent, type MissingRunId } from '@port-dispatch/core/run'
import type { Environment } from '../../network/environment.ts'
import type { CiJob } from './detect-ci.ts'
import { readEvent } from './read-event.ts'

/**
 * Finds the Port run that started this CI job: in the inputs of the event's file, then in the variables of the job.
 *
 * @throws InputError that lists where it was looked for
 */
export async function runIdFromCi(env: Environment, job: CiJob | undefined): Promise<string> {
  const found = await searchRunId(env, job)
  if (found.found) return found.runId
  throw new InputError('No Port run ID found:', [
    {
      path: '--run-id',
      found: `is missing, and PORT_RUN_ID is not set.${whereLooked(found)}`,
    },
  ])
}

/** As {@link runIdFromCi}, for those who have their own words for what is missing. */
export async function searchRunId(env: Environment, job: CiJob | undefined): Promise<FoundRunId> {
  const variables = job?.name === 'GitLab CI' ? [{ ...env }] : []
  return findRunIdInEvent(await readEvent(job?.eventPath), ...variables)
}

/** Says where a run id was looked for, as sentences that follow another one. Empty if there was nowhere to look. */
export function whereLooked({ searched, unreadable, unusable }: MissingRunId): string {
  if (searched.length === 0) return ''
  const broken =
    unreadable.length > 0 ? ` ${unreadable.join(', ')} did not hold a JSON object.` : ''
  const wrong = unusable.length > 0 ? ` ${unusable.join(', ')} did not hold an ID.` : ''
  return ` It was looked for in the inputs of the event, as ${searched.join(', ')}.${broken}${wrong}`
}
