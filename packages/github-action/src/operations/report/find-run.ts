import { searchRunId, whereLooked } from '@port-dispatch/dispatcher/host'
import { badInput, flagInput, textInput } from '../../inputs/inputs.ts'
import { runnerLogger } from '../../runner.ts'
import type { Environment, ThisJob } from '../../this-job.ts'

/** Events that can carry what Port sends. */
const EVENTS_OF_PORT = ['workflow_dispatch', 'repository_dispatch']

/**
 * The Port run to report on: the input `runId`, else what the event's inputs name.
 *
 * @returns undefined, with a notice, if Port did not start this workflow
 * @throws InputError that says where it was looked for, if the workflow has no input for it or `strict` is set
 */
export async function findRun(env: Environment, job: ThisJob): Promise<string | undefined> {
  const given = textInput('runId')
  if (given) return given
  const found = await searchRunId(env, job)
  if (found.found) return found.runId
  const event = env.GITHUB_EVENT_NAME ?? ''
  const other = notStartedByPort(event, found.empty)
  if (other && !flagInput('strict', 'false')) {
    runnerLogger.notice(`${other}, so there is no Port run to report on.`)
    return undefined
  }
  throw badInput(
    'runId',
    `is missing, and the event "${event}" does not hold it.${whereLooked(found)} Add to the action's workflowInputs in Port: "port_run_id": "{{ .run.id }}", and to this workflow an input port_run_id`,
  )
}

function notStartedByPort(event: string, empty: readonly string[]): string | undefined {
  if (!EVENTS_OF_PORT.includes(event)) return `Port did not trigger this workflow (event: ${event})`
  const [input] = empty
  return input && `The input ${input} is empty: a person started this workflow, not Port`
}
