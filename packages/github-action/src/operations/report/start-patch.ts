import { formatError, InputError } from '@port-dispatch/core'
import type { RunPatch } from '@port-dispatch/core/port'
import { textInput } from '../../inputs/inputs.ts'
import { asLink, linkInput } from '../../inputs/links.ts'
import { runnerLogger, settingName } from '../../runner.ts'
import type { ThisJob } from '../../this-job.ts'

type LastingPatch = Omit<RunPatch, 'status' | 'statusLabel'>

/** What Port gets of a job that has started: where it is. What the inputs add is not final before the job ends. */
export function startPatch(job: ThisJob): LastingPatch & { statusLabel: string } {
  return { ...placeOf(job, [job.link]), statusLabel: textInput('statusLabel') ?? 'Running' }
}

/** What is worth sending when the job ends, and the inputs can use what its steps have made. */
export function lastingPatch(job: ThisJob): LastingPatch {
  const summary = textInput('summary')
  return { ...placeOf(job, [job.link, ...linksAtEnd()]), ...(summary && { summary }) }
}

/** Links that steps have made. That they are no links must not keep the end of the run from Port. */
export function linksAtEnd(): string[] {
  try {
    return linkInput()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    runnerLogger.warning(formatError(error, settingName))
    return []
  }
}

function placeOf({ externalRunId }: ThisJob, links: readonly string[]): LastingPatch {
  const link = asLink(links)
  return { ...(link && { link }), ...(externalRunId && { externalRunId }) }
}
