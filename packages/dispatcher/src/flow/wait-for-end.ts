import { explain, silentLogger } from '@port-dispatch/core'
import type { PortRun } from '@port-dispatch/core/port'
import type { Plan, RunRef, RunState } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import { unlessAborted } from '../backends/unless-aborted.ts'
import { conclude } from './conclude.ts'
import {
  type DispatchOptions,
  type DispatchResult,
  type DispatchStep,
  endsPortRun,
  type Progress,
  type WaitOptions,
} from './dispatch-steps.ts'
import { type Followed, following } from './follow.ts'
import { link } from './link.ts'
import { finish } from './report-end.ts'

/** A look at Port, and one at the backend. */
const CORRECTED_WITHIN_MS = 3_000

export interface Running {
  plan: Plan
  runs: NonNullable<Plan['runs']>
  started: { type: 'run'; run: RunRef; guess?: true }
  /** When the start began, by our clock, and how the Port run was then; undefined if it could not be read. */
  begin: number
  before: PortRun | undefined
}

/** Follows what was started to its end, and reports that. */
export async function* waitForEnd(
  options: DispatchOptions & { wait: WaitOptions },
  running: Running,
  first: RunState,
  progress: Progress,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { dispatcher, logger = silentLogger, signal, wait } = options
  const { plan, runs, started } = running
  const { clock } = dispatcher
  const until = clock.now() + wait.timeout
  const follow = (run: RunRef, state: RunState) =>
    watching(runs, run, state, { ...wait, timeout: until - clock.now(), clock, logger, signal })
  let { run } = started
  let followed = yield* follow(run, first)
  const correction = started.guess && (await yieldToReported(options, running))
  if (correction) {
    logger.warning(`The run reported itself as ${correction.run.url}: the guess was wrong.`)
    run = correction.run
    const state = yield* link(options, plan, { run }, correction.portRun, progress)
    followed = yield* follow(run, state)
  }
  const end = await conclude(
    { plan, runs, clock, logger, ...wait, endsPortRun: endsPortRun(options, plan) },
    run,
    followed,
  )
  yield { type: 'concluded', end }
  const reported = yield* finish(options, end, progress, followed)
  const { outcome } = end
  return {
    plan,
    started: { ...started, run },
    state: followed.state,
    ...(outcome && { outcome }),
    ...(followed.type === 'lost' && { lost: followed.error }),
    reported,
  }
}

async function* watching(
  ...parameters: Parameters<typeof following>
): AsyncGenerator<DispatchStep, Followed> {
  const states = following(...parameters)
  for (;;) {
    const step = await states.next()
    if (step.done) return step.value
    yield { type: 'state', state: step.value }
  }
}

/**
 * A guess yields to the run that the work itself reported to Port meanwhile.
 *
 * @returns undefined if there is none, or if that cannot be found out
 */
async function yieldToReported(
  { reporter, dispatcher, ownExternalRunId, logger = silentLogger }: DispatchOptions,
  { runs, started: { run: guess }, begin, before }: Running,
): Promise<{ run: RunRef; portRun: PortRun } | undefined> {
  // A stop does not prevent this: the end of the wrong run must not be reported.
  const limit = dispatcher.clock.timeout(CORRECTED_WITHIN_MS)
  try {
    const portRun = await unlessAborted(Promise.resolve(reporter?.read()), limit)
    const { externalRunId } = portRun ?? {}
    const known = [guess.externalRunId, before?.externalRunId, ownExternalRunId]
    if (!portRun || !externalRunId || known.includes(externalRunId)) return undefined
    const run = await runs.refOf(externalRunId, { since: begin, signal: limit })
    const link = [portRun.link ?? []].flat().filter((url) => url !== guess.url)
    return run && { run, portRun: { ...portRun, link } }
  } catch (error) {
    if (error instanceof BackendError) logger.warning(explain(error, logger))
    else if (!limit.aborted) throw error
    return undefined
  }
}
