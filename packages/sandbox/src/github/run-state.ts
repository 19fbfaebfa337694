import { holds } from '../definition/condition.ts'
import type { WorkflowPlan } from '../definition/definition.ts'
import { cutJobs, type RunEnd } from './cut-jobs.ts'
import { type JobSpan, plannedJobs } from './planned-jobs.ts'
import type { Workflow } from './workflow-file.ts'

export interface Dispatched {
  readonly workflow: Workflow
  readonly plan: WorkflowPlan | undefined
  readonly inputs: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly end: RunEnd | undefined
}

export interface Progress {
  status: string
  conclusion: string | null
  startedAt: number | null
  completedAt: number | null
}

export interface StepState extends Progress {
  name: string
  log: readonly string[]
}

export interface JobState extends Progress {
  name: string
  steps: StepState[]
}

export interface RunState extends Progress {
  updatedAt: number
  jobs: JobState[]
}

const QUEUED_SECONDS = 0.3

/** The state of a run at a time. It depends only on the arguments. */
export function runState(run: Dispatched, now: number, second: number): RunState {
  const queuedUntil = run.createdAt + (run.plan?.queued ?? QUEUED_SECONDS) * second
  const planned = plannedJobs(run.workflow, run.plan, run.inputs, queuedUntil, second)
  const naturalEnd = Math.max(queuedUntil, ...planned.map(({ end }) => end))
  const end = earliest(run.end, plannedEnd(run, naturalEnd, second), naturalEnd)

  const jobs = (end ? cutJobs(planned, end) : planned).map((job) => jobState(job, now))
  const failed = planned.some(({ conclusion }) => conclusion === 'failure')
  const { at, status, conclusion } = end ?? {
    at: naturalEnd,
    status: 'completed',
    conclusion: failed ? 'failure' : 'success',
  }
  const startedAt = now < queuedUntil ? null : queuedUntil
  if (now >= at)
    return {
      status,
      conclusion,
      startedAt,
      completedAt: conclusion === null ? null : at,
      updatedAt: at,
      jobs,
    }
  const moments = jobs.flatMap(({ steps }) =>
    steps.flatMap((step) => [step.startedAt, step.completedAt]),
  )
  return {
    status: startedAt === null ? 'queued' : 'in_progress',
    conclusion: null,
    startedAt,
    completedAt: null,
    updatedAt: Math.max(run.createdAt, startedAt ?? 0, ...moments.map((moment) => moment ?? 0)),
    jobs,
  }
}

function plannedEnd(run: Dispatched, naturalEnd: number, second: number): RunEnd | undefined {
  const ending = run.plan?.endings?.find(({ when }) => holds(when, run.inputs))
  if (!ending) return undefined
  return {
    at: ending.after === undefined ? naturalEnd : run.createdAt + ending.after * second,
    conclusion: ending.conclusion ?? null,
    status: ending.status ?? 'completed',
  }
}

/** A run that has ended on its own can no longer be cancelled. */
function earliest(
  asked: RunEnd | undefined,
  planned: RunEnd | undefined,
  naturalEnd: number,
): RunEnd | undefined {
  if (asked && asked.at < (planned?.at ?? naturalEnd)) return asked
  // A run that stays in a status until someone acts can still be ended.
  return asked && planned?.conclusion === null ? asked : planned
}

function progress(span: { start: number; end: number; conclusion: string }, now: number): Progress {
  const completed = now >= span.end
  return {
    status: completed ? 'completed' : now >= span.start ? 'in_progress' : 'queued',
    conclusion: completed ? span.conclusion : null,
    startedAt: now >= span.start ? span.start : null,
    completedAt: completed ? span.end : null,
  }
}

function jobState(job: JobSpan, now: number): JobState {
  const steps = job.steps.map((step) => ({
    name: step.name,
    log: now >= step.end ? step.log : [],
    ...progress(step, now),
  }))
  const state = progress(job, now)
  // Steps are listed once a runner has taken the job.
  return { name: job.name, ...state, steps: state.status === 'queued' ? [] : steps }
}
