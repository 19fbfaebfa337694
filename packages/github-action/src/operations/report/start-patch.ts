import { formatError, InputError, type Json } from '@port-dispatch/core'
import type { RunChange } from '@port-dispatch/core/port'
import { textInput } from '../../inputs/inputs.ts'
import { asLink, linkInput } from '../../inputs/links.ts'
import { runnerLogger, settingName } from '../../runner.ts'
import type { ThisJob } from '../../this-job.ts'

export type LastingPatch = Omit<RunChange, 'statusLabel'>

/** What Port gets of a job that has started: where it is. What the inputs add is not final before the job ends. */
export function startPatch(job: ThisJob): LastingPatch & { statusLabel: string } {
  return { ...placeOf(job, [job.link]), statusLabel: textInput('statusLabel') ?? 'Running' }
}

/** What is worth sending when the job ends, and the inputs can use what its steps have made. */
export async function lastingPatch(job: ThisJob): Promise<LastingPatch> {
  const summary = textInput('summary')
  const output = await outputAtEnd()
  return {
    ...placeOf(job, [job.link, ...linksAtEnd()]),
    ...(summary && { summary }),
    ...(output !== undefined && { output }),
  }
}

/** An output that is not JSON must not keep the end of the run from Port. */
async function outputAtEnd(): Promise<Json | undefined> {
  if (textInput('output') === undefined) return undefined
  try {
    return await (await import('../../inputs/document-input.ts')).outputInput()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    runnerLogger.warning(
      `The end is reported without an output. ${formatError(error, settingName)}`,
    )
    return undefined
  }
}

/** Links that steps have made. That they are no links must not keep the end of the run from Port. */
function linksAtEnd(): string[] {
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
