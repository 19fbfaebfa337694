import type { RunPatch } from '@port-dispatch/core/port'
import { textInput } from '../../inputs/inputs.ts'
import { asLink, linkInput } from '../../inputs/links.ts'
import type { ThisJob } from '../../this-job.ts'

/** What Port is told of a job that has started: where it is, and what the inputs add. */
export function startPatch(job: ThisJob): Omit<RunPatch, 'status'> & { statusLabel: string } {
  return { ...lastingPatch(job), statusLabel: textInput('statusLabel') ?? 'Running' }
}

/** What is still worth telling when the job ends. */
export function lastingPatch({
  link,
  externalRunId,
}: ThisJob): Omit<RunPatch, 'status' | 'statusLabel'> {
  const links = asLink([link, ...linkInput()])
  const summary = textInput('summary')
  return {
    ...(links && { link: links }),
    ...(externalRunId && { externalRunId }),
    ...(summary && { summary }),
  }
}
