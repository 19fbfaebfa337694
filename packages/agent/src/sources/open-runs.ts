import {
  type Clock,
  formatError,
  type JsonObject,
  type Logger,
  PortDispatchError,
  type Setting,
} from '@port-dispatch/core'
import type { PortClient, PortRun } from '@port-dispatch/core/port'
import type { Intake, SourceName } from '../work.ts'
import { claimedWork, partsOf } from './claimed-work.ts'

export interface FollowOnOptions {
  port: PortClient
  clock: Clock
  logger: Logger
  nameOf: (setting: Setting) => string
}

/** Port lists at most so many. */
const LIMIT = 1_000

/** Follows runs that a process followed which has ended: their source gives them to nobody any more. Does not throw. */
export async function followOn(
  source: SourceName,
  intake: Intake,
  signal: AbortSignal,
  { port, clock, logger, nameOf }: FollowOnOptions,
): Promise<void> {
  try {
    const open = await openRuns(port, signal)
    const receivedAt = clock.now()
    await Promise.all(
      open.map(async (run) => {
        await intake.execute(claimedWork({ ...openParts(run), source, receivedAt }))
      }),
    )
  } catch (error) {
    if (signal.aborted || !(error instanceof PortDispatchError)) return
    logger.warning(
      `${formatError(error, nameOf)} Runs that another agent followed are not followed on.`,
    )
  }
}

/** What is read of a run that Port lists. */
export function openParts(run: PortRun) {
  const { id, status, action, payload = {} } = run
  return partsOf({ id, status, payload, action: action?.identifier })
}

/**
 * Runs that have a run of a workflow or pipeline, and that somebody must follow: `GET /v1/actions/runs?active=true`.
 * Runs without one are not listed: whoever has them may be about to start them.
 */
async function openRuns(
  port: PortClient,
  signal: AbortSignal,
): Promise<(PortRun & { payload: JsonObject })[]> {
  const runs = await port.runs.list({ active: true, limit: LIMIT }, { signal })
  return runs.flatMap((run) => {
    const { payload, externalRunId = '' } = run
    return payload && /^(gh|gl)_/.test(externalRunId) ? [{ ...run, payload }] : []
  })
}
