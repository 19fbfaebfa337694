// What somebody else began is not started again: it is found, followed on, or unknown.
import { backoff } from '@port-dispatch/core/http'
import type { PortRun } from '@port-dispatch/core/port'
import type { Plan, Runs } from '@port-dispatch/dispatcher'
import type { Settlement } from '../work.ts'
import { earlierOf } from './earlier.ts'
import { followRun, linkAndFollow } from './follow-run.ts'
import { done, LEFT, type OneRun, SEARCH_PACE } from './one-run.ts'

/** Clocks differ: a run of the backend can seem older than its Port run. */
const CLOCK_SLACK_MS = 300_000

/**
 * Goes on where somebody else came to an end, as Port shows it.
 *
 * @returns undefined if nothing was begun
 */
export async function continueRun(
  run: OneRun,
  plan: Plan,
  portRun: PortRun,
): Promise<Settlement | undefined> {
  const earlier = earlierOf(portRun, plan)
  switch (earlier.type) {
    case 'fresh':
      return run.work.mayHaveBegun === 'yes' ? done('skipped') : undefined
    case 'over':
      run.logger.info(`The run ${earlier.why}. Nothing was started.`)
      return done('skipped')
    case 'sent':
      // Nobody waits any more for the response of a synchronized webhook.
      return plan.endsPortRun && !plan.runs ? await run.unknown(plan) : done('accepted')
    case 'given-up':
      return done('unknown')
    case 'linked':
      return await followOn(run, plan, earlier.externalRunId, portRun)
    case 'begun':
      if (isSentAgain(run, plan)) return undefined
      return plan.runs ? await search(run, plan, plan.runs, portRun) : await untilDone(run, plan)
  }
}

async function followOn(
  run: OneRun,
  plan: Plan,
  externalRunId: string,
  before: PortRun,
): Promise<Settlement> {
  run.begin()
  const ref = await run.untilShown(() => plan.runs?.refOf(externalRunId))
  if (run.bounds.letGo.aborted) return LEFT
  if (ref === 'hidden') {
    const message = `The run ${externalRunId} of ${plan.target}, which was started before, is not shown any more.`
    return await run.fail(message, 'Status unavailable', 'unknown')
  }
  if (!ref) {
    run.logger.notice(
      `The run has the external run ID ${externalRunId}, which is not a run of ${plan.target}. Nothing was started.`,
    )
    return done('skipped')
  }
  run.logger.info(`Following ${externalRunId}, which was started before.`)
  await run.claim()
  return await followRun(run, plan, { ref, state: { status: 'created', url: '', ...ref } }, before)
}

/**
 * Waits for what nobody can be asked about: whoever began it may still be at it, and say in Port what became of it.
 *
 * @returns undefined if it was given back, and nothing was begun
 */
async function untilDone(run: OneRun, plan: Plan): Promise<Settlement | undefined> {
  const { clock, callWithin, begunSince } = run.options
  const { runId, mayHaveBegun } = run.work
  // The source knows that whoever began it has ended.
  if (mayHaveBegun === 'yes') return await run.unknown(plan)
  // It can take a while, and starts nothing.
  run.bounds.makeRoom()
  const until = begunSince.seen(runId, clock.now()) + callWithin
  for (let pauses = 0; clock.now() < until; pauses++) {
    await run.sleep(Math.min(backoff(pauses, SEARCH_PACE), until - clock.now()))
    if (run.bounds.letGo.aborted) return LEFT
    const now = await run.report.reporter.read()
    if (!now || earlierOf(now, plan).type === 'begun') continue
    begunSince.forget(runId)
    return await continueRun(run, plan, now)
  }
  begunSince.forget(runId)
  return await run.unknown(plan)
}

/** Looks for what an earlier process may have started. */
async function search(run: OneRun, plan: Plan, runs: Runs, portRun: PortRun): Promise<Settlement> {
  const { clock, begunSince } = run.options
  // The search can take minutes, and starts nothing.
  run.bounds.makeRoom()
  const created = Date.parse(portRun.createdAt ?? '')
  const { sentAt, receivedAt, runId } = run.work
  const sent = (Number.isNaN(created) ? (sentAt ?? receivedAt) : created) - CLOCK_SLACK_MS
  const looked = { portRunId: runId, sent, answered: clock.now() }
  const until = begunSince.seen(runId, clock.now()) + runs.appearsWithin('lost')
  for (let pauses = 0; ; pauses++) {
    const found = await run.untilShown(() => runs.find(looked))
    if (run.bounds.letGo.aborted) return LEFT
    if (found === 'hidden' || found?.ours || clock.now() >= until) begunSince.forget(runId)
    if (found === 'hidden') return await run.unknown(plan)
    if (found?.ours) return await linkAndFollow(run, plan, { run: found.ours }, portRun)
    if (clock.now() >= until) return await run.unknown(plan)
    await run.sleep(backoff(pauses, SEARCH_PACE))
  }
}

/** Whether its receiver recognises what it has received before. */
function isSentAgain({ options, work }: OneRun, plan: Plan): boolean {
  return plan.type === 'WEBHOOK' && options.resend === 'same-key' && work.mayHaveBegun !== 'yes'
}
