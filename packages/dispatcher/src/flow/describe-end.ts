import { type Outcome, shortLabel } from '@port-dispatch/core/run'
import type { FailedJob, RunState } from '../backends/backend.ts'

/**
 * Says how a run ended, for the run's page in Port.
 *
 * @param target what ran, as people write it
 * @param jobs those that failed
 * @returns an outcome whose label names the first failure, and a log line with all of them and their links
 */
export function describeEnd(
  target: string,
  state: RunState,
  outcome: Outcome,
  jobs: readonly FailedJob[],
): { outcome: Outcome; message: string } {
  const [first] = jobs
  const label = first ? shortLabel(`Failed at "${first.step ?? first.name}"`) : outcome.statusLabel
  const lines = jobs.map(
    ({ name, step, url }) => `  ${name}${step ? `, step "${step}"` : ''}${url ? `: ${url}` : ''}`,
  )
  const head = `${target} ended: ${state.conclusion ?? state.status}. ${state.url}`
  return {
    outcome: { ...outcome, statusLabel: label },
    message: [head, ...(lines.length > 0 ? ['Failed:', ...lines] : [])].join('\n'),
  }
}
