import type { JsonObject } from '@port-dispatch/core'
import type { PortClient, PortRun } from '@port-dispatch/core/port'

/** Port lists at most so many. */
const LIMIT = 1_000

/**
 * Runs that have a run of a workflow or pipeline, and that somebody must follow: `GET /v1/actions/runs?active=true`.
 * Runs without one are not listed: whoever has them may be about to start them.
 */
export async function openRuns(
  port: PortClient,
  signal: AbortSignal,
): Promise<(PortRun & { payload: JsonObject })[]> {
  const runs = await port.runs.list({ active: true, limit: LIMIT }, { signal })
  return runs.flatMap((run) => {
    const { payload, externalRunId = '' } = run
    return payload && /^(gh|gl)_/.test(externalRunId) ? [{ ...run, payload }] : []
  })
}
