import { isFinal, type PortClient, type RunPatch, reporterFor } from '@port-dispatch/core/port'
import { durationInput } from '../../inputs/inputs.ts'
import { jobStatusInput } from '../../inputs/job-status.ts'
import { needsInput } from '../../inputs/needs.ts'
import { portFromInputs } from '../../inputs/port-from-inputs.ts'
import { settle } from '../../runner.ts'
import { type Environment, type ThisJob, thisJob } from '../../this-job.ts'
import { describeJobEnd } from './describe-end.ts'
import { findFailedStep } from './find-failed-step.ts'
import type { ReportState } from './report-state.ts'
import { lastingPatch } from './start-patch.ts'

type Patch = Omit<RunPatch, 'status' | 'statusLabel'>

/** The post step of `operation: REPORT`: tells Port how the job, or the workflow, ended. */
export async function finishReport({ runId, told }: ReportState, env: Environment): Promise<void> {
  const job = thisJob(env)
  const needs = needsInput()
  const jobStatus = jobStatusInput()
  const port = portFromInputs()
  const failedStep = jobStatus === 'failure' ? await findFailedStep(env) : undefined
  const end = describeJobEnd({ job, jobStatus, needs, failedStep })
  const patch = needs ? await whatRunLacks(port, runId, job) : without(lastingPatch(job), told)
  const reporter = reporterFor(port, runId, {
    timeLimit: durationInput('reportTimeout', '30s'),
  })
  settle(await reporter.finish({ ...patch, ...end }))
}

/** A run that other jobs told of keeps what they told. */
async function whatRunLacks(port: PortClient, runId: string, job: ThisJob): Promise<Patch> {
  const patch = lastingPatch(job)
  const run = await port.runs.get(runId).catch(() => undefined)
  if (!run) return patch
  if (isFinal(run)) return {}
  if (run.link && [run.link].flat().length > 0) delete patch.link
  if (run.externalRunId) delete patch.externalRunId
  return patch
}

/** What Port was told at the start need not be told again, unless it is different now. */
function without(patch: Patch, told: RunPatch): Patch {
  const changed = Object.entries(patch).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(told[key as keyof Patch]),
  )
  return Object.fromEntries(changed)
}
