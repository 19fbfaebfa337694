import { holds } from '../definition/condition.ts'
import type { JobDefinition, ProjectDefinition } from '../definition/definition.ts'

/** A job and the time it takes, in milliseconds since 1970. */
export interface JobSpan {
  readonly definition: JobDefinition
  /** When its stage is reached. Infinite if it is never reached. */
  readonly queued: number
  readonly start: number
  readonly end: number
  /** The final status: success, failed, skipped or manual. */
  readonly status: string
}

const JOB_SECONDS = 0.4
const RUNNER_SECONDS = 0.1
const NEVER = Number.POSITIVE_INFINITY

/** The jobs whose rules match a pipeline with these variables and inputs. */
export function matchingJobs(
  project: ProjectDefinition,
  values: Readonly<Record<string, unknown>>,
): JobDefinition[] {
  return project.stages.flatMap((stage) =>
    project.jobs.filter((job) => job.stage === stage && holds(job.runWhen, values)),
  )
}

/**
 * Calculates when the jobs of a pipeline run, stage by stage, if nothing interrupts them.
 * A manual job stops the pipeline at its stage unless it is allowed to fail, as in GitLab.
 *
 * @param start when the first stage starts, milliseconds since 1970
 * @param second how many milliseconds a second of the definition takes
 */
export function plannedJobs(
  project: ProjectDefinition,
  values: Readonly<Record<string, unknown>>,
  start: number,
  second: number,
): JobSpan[] {
  const jobs = matchingJobs(project, values)
  const spans: JobSpan[] = []
  let at = start
  let failed = false
  for (const stage of project.stages) {
    const stageSpans = jobs
      .filter((job) => job.stage === stage)
      .map((job) => plannedJob(job, values, at, second, failed))
    spans.push(...stageSpans)
    at = Math.max(at, ...stageSpans.map(({ end }) => end))
    failed ||= stageSpans.some(
      ({ status, definition }) => status === 'failed' && !definition.allowFailure,
    )
    const waits = stageSpans.some(
      ({ status, definition }) => status === 'manual' && !definition.allowFailure,
    )
    if (waits) at = NEVER
  }
  return spans
}

function plannedJob(
  definition: JobDefinition,
  values: Readonly<Record<string, unknown>>,
  at: number,
  second: number,
  failedBefore: boolean,
): JobSpan {
  const { when = 'on_success', seconds = JOB_SECONDS, failWhen } = definition
  const ended = (status: string) => ({ definition, queued: at, start: at, end: at, status })
  if (at === NEVER) return ended('created')
  if (failedBefore ? when !== 'on_failure' && when !== 'always' : when === 'on_failure')
    return ended('skipped')
  if (when === 'manual') return ended('manual')
  const start = at + RUNNER_SECONDS * second
  const fails = failWhen !== undefined && holds(failWhen, values)
  return {
    definition,
    queued: at,
    start,
    end: start + seconds * second,
    status: fails ? 'failed' : 'success',
  }
}
