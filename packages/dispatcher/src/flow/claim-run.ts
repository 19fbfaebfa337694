import type { RunReporter } from '@port-dispatch/core/port'
import type { CiRun } from '../backends/backend.ts'

const claimed = new Set<string>()

/**
 * Claims a run for one dispatch, so that no other takes it for its own.
 *
 * Within this process that is a matter of memory. Among all that report to Port it is the external run id of the Port
 * run: of two that claim at the same moment both see each other and give the run back, to try again at different times.
 *
 * @param reporter of the dispatch; without one only this process is considered
 * @returns false if the run is another's
 */
export async function claimRun(run: CiRun, reporter: RunReporter | undefined): Promise<boolean> {
  const { url, externalRunId } = run
  if (claimed.has(url)) return false
  claimed.add(url)
  if (!reporter || !externalRunId) return true
  if (!(await reporter.isReportedByAnother(externalRunId))) {
    await reporter.update({ externalRunId })
    if (!(await reporter.isReportedByAnother(externalRunId))) return true
    await reporter.update({ externalRunId: '' })
  }
  claimed.delete(url)
  return false
}
