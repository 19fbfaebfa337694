import { InputError } from '@port-dispatch/core'
import { isFinal, type Reporter, reporterFor } from '@port-dispatch/core/port'
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
import { reportRedactor } from './report-redactor.ts'
import type { ReportState } from './report-state.ts'
import { type LastingPatch, lastingPatch } from './start-patch.ts'

/** The post step of `operation: REPORT`: reports how the job, or the workflow, ended. */
export async function finishReport({ runId, told }: ReportState, env: Environment): Promise<void> {
  const job = thisJob(env)
  const needs = orElse(needsInput, undefined)
  const jobStatus = jobStatusInput()
  const reporter = reporterFor(portFromInputs(), runId, {
    timeLimit: orElse(() => durationInput('reportTimeout', '30s'), 30_000),
    redactor: await reportRedactor(env),
  })
  const conclusion = worstOf([jobStatus, ...(needs?.values() ?? [])])
  const mode = orElse(endInput, 'true')
  const fails = githubOutcome(conclusion).status === 'FAILURE'
  const lasting = await lastingPatch(job)
  if (mode === 'false' || (mode === 'failure' && !fails)) {
    const { output } = lasting
    const own = needs ? { ...(output !== undefined && { output }) } : without(lasting, told)
    await leaveOpen(reporter, own, conclusion)
    return
  }
  const failedStep = jobStatus === 'failure' ? await findFailedStep(env) : undefined
  const end = describeJobEnd({ job, jobStatus, needs, failedStep })
  const patch = needs ? await whatRunLacks(reporter, lasting, job) : without(lasting, told)
  settle(await reporter.finish({ ...patch, ...end }))
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
async function leaveOpen(run: Reporter, patch: LastingPatch, conclusion: string): Promise<void> {
  const message = messageFor(conclusion)
  const changes = Object.keys(patch).length > 0
  if (!changes && message === undefined) return
  const updated = changes ? run.update(patch) : undefined
  const logged = message === undefined ? undefined : run.log(message)
  const result = (await logged) ?? (await updated)
  if (result) settle(result)
}

/** A run that other jobs told of keeps what they told. */
async function whatRunLacks(
  reporter: Reporter,
  lasting: LastingPatch,
  job: ThisJob,
): Promise<LastingPatch> {
  const run = await reporter.read()
  if (!run) return lasting
  if (isFinal(run)) return {}
  const { link, externalRunId, ...patch } = lasting
  const hasLinks = [run.link ?? []].flat().length > 0
  // Links add up; that of this job says nothing that others have not said.
  const links = [link ?? []].flat().filter((url) => !hasLinks || url !== job.link)
  return {
    ...patch,
    ...(links.length > 0 && { link: links }),
    ...(externalRunId && !run.externalRunId && { externalRunId }),
  }
}

/** What was reported at the start is not reported again, unless it is different now. */
function without(patch: LastingPatch, told: LastingPatch): LastingPatch {
  const changed = Object.entries(patch).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(told[key as keyof LastingPatch]),
  )
  return Object.fromEntries(changed)
}
