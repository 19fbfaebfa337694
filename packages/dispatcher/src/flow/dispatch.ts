import { InputError, silentLogger } from '@port-dispatch/core'
import { renderInvocationMethod } from '@port-dispatch/core/action'
import { isFinal } from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'
import type { Plan } from '../backends/backend.ts'
import { unlessAborted } from '../backends/unless-aborted.ts'
import { type Announced, announce } from './announce.ts'
import {
  type DispatchOptions,
  type DispatchResult,
  type DispatchStep,
  endsPortRun,
  type Progress,
  type WaitOptions,
} from './dispatch-steps.ts'
import { endOfError } from './end-of-error.ts'
import { StoppedError, StrictError } from './errors.ts'
import { link } from './link.ts'
import { accept, clean, finish, note, redactorOf, report } from './report-end.ts'
import { type StartedOnce, startOnce } from './start-once.ts'
import { waitForEnd } from './wait-for-end.ts'

/**
 * Renders an action, starts what it names, reports where it runs, follows it, and reports how it ended.
 *
 * @throws PortDispatchError of any kind. What prevents the start ends the Port run as a failure.
 */
export async function dispatch(options: DispatchOptions): Promise<DispatchResult> {
  return await lastOf(dispatching(options))
}

async function lastOf<T>(steps: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}

/** As {@link dispatch}, and yields what happens. */
export async function* dispatching(
  options: DispatchOptions,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const progress: Progress = { reported: 'not-requested' }
  try {
    const plan = yield* planning(options)
    const announced = yield* announce(options, plan, progress)
    return yield* run(options, plan, announced, progress)
  } catch (thrown) {
    throw yield* reportError(thrown, options, progress)
  }
}

/** Ends the Port run as an error requires, and gives the error to throw. */
async function* reportError(
  thrown: unknown,
  options: DispatchOptions,
  progress: Progress,
): AsyncGenerator<DispatchStep, unknown> {
  const { reporter, signal } = options
  const isStop = signal?.aborted && thrown === signal.reason && !progress.started
  const error = isStop ? new StoppedError(progress.plan?.target) : thrown
  const end = endOfError(error, options, progress)
  if (end && reporter) yield* report(reporter, clean(end, options), progress)
  return error
}

/** Renders and plans. Sends nothing that starts anything. */
export async function* planning(
  options: Pick<
    DispatchOptions,
    'action' | 'triggerData' | 'render' | 'strict' | 'dispatcher' | 'signal' | 'wait' | 'reporter'
  >,
): AsyncGenerator<DispatchStep, Plan> {
  const { signal } = options
  try {
    return yield* renderAndPlan(options)
  } catch (thrown) {
    throw signal?.aborted && thrown === signal.reason ? new StoppedError(undefined) : thrown
  }
}

async function* renderAndPlan(
  options: Parameters<typeof planning>[0],
): AsyncGenerator<DispatchStep, Plan> {
  const { dispatcher, triggerData, strict, signal, reporter } = options
  // It may have to be read from Port.
  const action = await unlessAborted(Promise.resolve(options.action), signal)
  const rendered = await renderInvocationMethod(action, triggerData, options.render)
  yield { type: 'rendered', rendered }
  if (strict && rendered.failures.length > 0) throw new StrictError(rendered.failures)
  signal?.throwIfAborted()
  const plan = await dispatcher.plan(rendered.method, {
    inputs: triggerData.context.inputs,
    context: triggerData.context,
    portRunId: reporter?.runId ?? triggerData.runId,
    signal,
    follow: options.wait !== undefined,
  })
  yield { type: 'planned', plan }
  return plan
}

async function* run(
  options: DispatchOptions,
  plan: Plan,
  { before, earlier }: Announced,
  progress: Progress,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { reporter, triggerData, signal, dispatcher, logger = silentLogger, wait } = options
  const begin = dispatcher.clock.now()
  const started: StartedOnce = earlier
    ? { type: 'run', run: earlier, earlier: true }
    : await startOnce({
        plan,
        reporter,
        portRunId: reporter?.runId ?? triggerData.runId,
        before,
        ownExternalRunId: options.ownExternalRunId,
        clock: dispatcher.clock,
        logger,
        signal,
      })
  progress.started = started
  yield { type: 'started', plan, started }
  switch (started.type) {
    case 'accepted':
      if (reporter) yield* accept(reporter, clean(started, options).message, progress)
      return { plan, started, reported: progress.reported }
    case 'ended': {
      const { outcome, message } = clean(started, options)
      const { response, httpStatus = 200 } = started
      // Of a node run the status is of use as well.
      if (reporter && (response !== undefined || isNodeRunId(reporter.runId))) {
        // A receiver can repeat what it was sent.
        const shown = response === undefined ? undefined : redactorOf(options).json(response)
        const result = await reporter.saveResponse(shown, httpStatus)
        note(progress, result)
        yield { type: 'reported', result }
      }
      if (endsPortRun(options, plan)) yield* finish(options, { outcome, message }, progress)
      else if (reporter) yield* accept(reporter, message, progress)
      return { plan, started, outcome, reported: progress.reported }
    }
    case 'run': {
      const state = yield* link(options, plan, started, before, progress)
      if (wait && plan.runs) {
        return yield* waitForEnd(
          { ...options, wait },
          { plan, runs: plan.runs, started, begin, before },
          state,
          progress,
        )
      }
      return { plan, started, state, reported: progress.reported }
    }
  }
}

/** What goes on is followed whatever the payload would be now, and whoever else follows it. */
export type ResumeOptions = Omit<
  DispatchOptions,
  'strict' | 'onMistake' | 'again' | 'earlier' | 'ifUnannounced'
> & {
  /** The run to follow: `gh_…` or `gl_…`, as the Port run shows it. */
  externalRunId: string
  wait: WaitOptions
}

/**
 * Follows a run that was started before, such as by a process that was killed, and reports how it ended. Starts nothing.
 *
 * @throws PortDispatchError of any kind. What prevents the following leaves the Port run as it is, to be resumed again.
 *   `INPUT` if the external run ID does not name a run of what the action names.
 */
export async function resume(options: ResumeOptions): Promise<DispatchResult> {
  return await lastOf(resuming(options))
}

/** As {@link resume}, and yields what happens. */
export async function* resuming(
  options: ResumeOptions,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { externalRunId, dispatcher, reporter, signal } = options
  const plan = yield* planning(options)
  const begin = dispatcher.clock.now()
  const { runs } = plan
  const run = await runs?.refOf(externalRunId, { signal })
  if (!runs || !run) {
    throw new InputError('The run cannot be resumed:', [
      { path: 'externalRunId', found: `${externalRunId} is not a run of ${plan.target}` },
    ])
  }
  const before = await reporter?.read()
  const started = { type: 'run', run, earlier: true } as const
  const progress: Progress = { plan, started, reported: 'not-requested' }
  yield { type: 'started', plan, started }
  if (before && isFinal(before)) {
    yield { type: 'reported', result: { type: 'ended', run: before } }
    return { plan, started, reported: 'reported' }
  }
  try {
    const state = yield* link(options, plan, started, before, progress)
    return yield* waitForEnd(options, { plan, runs, started, begin, before }, state, progress)
  } catch (thrown) {
    throw yield* reportError(thrown, options, progress)
  }
}
