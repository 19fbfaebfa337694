// From a run of the backend to the end of the Port run.
import type { PortRun } from '@port-dispatch/core/port'
import { conclude, follow, type Plan, type RunRef, type RunState } from '@port-dispatch/dispatcher'
import type { Settlement } from '../work.ts'
import { done, LEFT, type OneRun } from './one-run.ts'

const FIRST_READ_WITHIN_MS = 2_000

/**
 * Links the run of a backend to its Port run, and follows it to its end.
 *
 * @param before the Port run as it was
 */
export async function linkAndFollow(
  run: OneRun,
  plan: Plan,
  { run: ref, guess }: { run: RunRef; guess?: true },
  before: PortRun | undefined,
): Promise<Settlement> {
  run.begin()
  const state = await firstState(run, plan, ref)
  // What is only a guess must not stand where the work itself would write its own id.
  const { externalRunId: _, ...known } = state
  const linked = await run.report.linked(guess ? known : state)
  // Whoever has it next finds it by its id.
  if (linked === 'not-linked' && run.signal.aborted) return LEFT
  await run.claim()
  return await followRun(run, plan, { ref, state, ...(guess && { guess }) }, before)
}

/** Follows a run that is linked, and reports how it ended. */
export async function followRun(
  run: OneRun,
  plan: Plan,
  { ref, state, guess }: { ref: RunRef; state: RunState; guess?: true },
  before: PortRun | undefined,
): Promise<Settlement> {
  const { options, logger, bounds } = run
  const { runs } = plan
  if (!plan.endsPortRun) return done('accepted')
  if (!runs) {
    logger.notice(
      `${plan.target} is not followed, because there is no token that can read it. It must end the Port run.`,
    )
    return done('accepted')
  }
  const { clock, followTimeout: timeout } = options
  const followed = await follow(runs, ref, state, { timeout, clock, logger, signal: bounds.letGo })
  if (followed.type === 'stopped') return LEFT
  const other = guess && (await reportedInstead(run, plan, ref, before))
  if (other) {
    logger.warning(`The run reported itself as ${other.externalRunId}: the guess was wrong.`)
    return await linkAndFollow(run, plan, { run: other }, before)
  }
  const end = await conclude(
    { plan, runs, clock, logger, timeout, onCancel: 'leave', endsPortRun: true },
    ref,
    followed,
  )
  const outcome = end.outcome ?? { status: 'FAILURE', statusLabel: 'Status unavailable' }
  return await run.report.end({ ...outcome, message: end.message })
}

async function firstState(run: OneRun, { runs }: Plan, ref: RunRef): Promise<RunState> {
  const known: RunState = { status: 'created', url: '', ...ref }
  if (!runs || (ref.url && ref.externalRunId)) return known
  try {
    return await runs.read(ref, run.options.clock.timeout(FIRST_READ_WITHIN_MS))
  } catch {
    // The link does not wait for it; following says what is wrong.
    return known
  }
}

/** The run that the work reported meanwhile, where another was guessed. */
async function reportedInstead(
  run: OneRun,
  { runs }: Plan,
  guess: RunRef,
  before: PortRun | undefined,
): Promise<RunRef | undefined> {
  const { externalRunId } = (await run.report.reporter.read()) ?? {}
  if (!externalRunId || [guess.externalRunId, before?.externalRunId].includes(externalRunId)) {
    return undefined
  }
  const other = await run.untilShown(() => runs?.refOf(externalRunId))
  return other === 'hidden' ? undefined : other
}
