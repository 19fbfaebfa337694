import { InputError } from '@port-dispatch/core'
import {
  isFinal,
  type PortClient,
  type Reporter,
  type RunPatch,
  reporterFor,
} from '@port-dispatch/core/port'
import { githubOutcome, worstOf } from '@port-dispatch/core/run'
import { durationInput } from '../../inputs/inputs.ts'
import { jobStatusInput } from '../../inputs/job-status.ts'
import { needsInput } from '../../inputs/needs.ts'
import { portFromInputs } from '../../inputs/port-from-inputs.ts'
import { settle } from '../../runner.ts'
import { type Environment, type ThisJob, thisJob } from '../../this-job.ts'
import { describeJobEnd, messageFor } from './describe-end.ts'
import { endInput } from './end-input.ts'
import { findFailedStep } from './find-failed-step.ts'
import type { ReportState } from './report-state.ts'
import { lastingPatch, linksAtEnd } from './start-patch.ts'

type Patch = Omit<RunPatch, 'status' | 'statusLabel'>

/** The post step of `operation: REPORT`: reports how the job, or the workflow, ended. */
export async function finishReport({ runId, told }: ReportState, env: Environment): Promise<void> {
  const job = thisJob(env)
  const needs = orElse(needsInput, undefined)
  const jobStatus = jobStatusInput()
  const port = portFromInputs()
  const conclusion = worstOf([jobStatus, ...(needs?.values() ?? [])])
  const mode = orElse(endInput, 'true')
  const fails = githubOutcome(conclusion).status === 'FAILURE'
  if (mode === 'false' || (mode === 'failure' && !fails)) {
    await leaveOpen(
      reporter(port, runId),
      needs ? {} : without(lastingPatch(job), told),
      conclusion,
    )
    return
  }
  const failedStep = jobStatus === 'failure' ? await findFailedStep(env) : undefined
  const end = describeJobEnd({ job, jobStatus, needs, failedStep })
  const patch = needs ? await whatRunLacks(port, runId, job) : without(lastingPatch(job), told)
  settle(await reporter(port, runId).finish({ ...patch, ...end }))
}

function reporter(port: PortClient, runId: string): Reporter {
  const timeLimit = orElse(() => durationInput('reportTimeout', '30s'), 30_000)
  return reporterFor(port, runId, { timeLimit })
}

/** An input that is not valid made the step fail already, which said so. It must not keep the end of the run from Port. */
function orElse<Value>(read: () => Value, fallback: Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return fallback
  }
}

/** Sends what the inputs add, and leaves the end of the run to something else. */
async function leaveOpen(run: Reporter, patch: Patch, conclusion: string): Promise<void> {
  const message = messageFor(conclusion)
  const changes = Object.keys(patch).length > 0
  if (!changes && message === undefined) return
  const updated = changes ? run.update(patch) : undefined
  const logged = message === undefined ? undefined : run.log(message)
  const result = (await logged) ?? (await updated)
  if (result) settle(result)
}

/** A run that other jobs told of keeps what they told. */
async function whatRunLacks(port: PortClient, runId: string, job: ThisJob): Promise<Patch> {
  const patch = lastingPatch(job)
  const run = await port.runs.get(runId).catch(() => undefined)
  if (!run) return patch
  if (isFinal(run)) return {}
  // Links add up; that of this job says nothing that others have not said.
  const links = linksAtEnd()
  if (run.link && [run.link].flat().length > 0) {
    delete patch.link
    if (links.length > 0) patch.link = links
  }
  if (run.externalRunId) delete patch.externalRunId
  return patch
}

/** What was reported at the start is not reported again, unless it is different now. */
function without(patch: Patch, told: RunPatch): Patch {
  const changed = Object.entries(patch).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(told[key as keyof Patch]),
  )
  return Object.fromEntries(changed)
}
