import { silentLogger } from '@port-dispatch/core'
import { renderInvocationMethod } from '@port-dispatch/core/action'
import type { PortRun } from '@port-dispatch/core/port'
import type { Plan } from '../backends/backend.ts'
import { announce } from './announce.ts'
import {
  type DispatchOptions,
  type DispatchResult,
  type DispatchStep,
  endsPortRun,
  type Progress,
} from './dispatch-steps.ts'
import { endOfError } from './end-of-error.ts'
import { StoppedError, StrictError } from './errors.ts'
import { link } from './link.ts'
import { accept, clean, finish, note, redactorOf, report } from './report-end.ts'
import { startOnce } from './start-once.ts'
import { waitForEnd } from './wait-for-end.ts'

/**
 * Renders an action, starts what it names, reports where it runs, follows it, and reports how it ended.
 *
 * @throws PortDispatchError of any kind. What prevents the start ends the Port run as a failure.
 */
export async function dispatch(options: DispatchOptions): Promise<DispatchResult> {
  const steps = dispatching(options)
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
  }
}

/** As {@link dispatch}, and yields what happens. */
export async function* dispatching(
  options: DispatchOptions,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { reporter } = options
  const progress: Progress = { reported: 'not-requested' }
  try {
    const plan = yield* planning(options)
    const before = yield* announce(options, plan, progress)
    return yield* run(options, plan, before, progress)
  } catch (thrown) {
    const { signal } = options
    const isStop = signal?.aborted && thrown === signal.reason && !progress.started
    const error = isStop ? new StoppedError(progress.plan?.target) : thrown
    const end = endOfError(error, options, progress)
    if (end && reporter) yield* report(reporter, clean(end, options), progress)
    throw error
  }
}

/** Renders and plans. Sends nothing that starts anything. */
export async function* planning(
  options: Pick<
    DispatchOptions,
    'action' | 'triggerData' | 'render' | 'strict' | 'dispatcher' | 'signal' | 'wait' | 'reporter'
  >,
): AsyncGenerator<DispatchStep, Plan> {
  const { dispatcher, triggerData, strict, signal, reporter } = options
  const action = await options.action
  const rendered = await renderInvocationMethod(action, triggerData, options.render)
  yield { type: 'rendered', rendered }
  if (strict && rendered.failures.length > 0) throw new StrictError(rendered.failures)
  if (signal?.aborted) throw new StoppedError(undefined)
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
  before: PortRun | undefined,
  progress: Progress,
): AsyncGenerator<DispatchStep, DispatchResult> {
  const { reporter, triggerData, signal, dispatcher, logger = silentLogger, wait } = options
  const begin = dispatcher.clock.now()
  const started = await startOnce({
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
      if (reporter && started.response !== undefined) {
        // A receiver can repeat what it was sent.
        const response = redactorOf(options).json(started.response)
        const result = await reporter.saveResponse(response)
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
