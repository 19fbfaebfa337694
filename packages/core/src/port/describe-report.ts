import { formatError, type Setting } from '../errors.ts'
import type { ReportResult } from './run-reporter.ts'

/**
 * What is worth saying of a report: that a run was left alone, or what Port did not get, in full.
 *
 * @param nameOf gives the name of a setting that the reader knows
 * @returns undefined if all went well
 */
export function describeReport(
  result: ReportResult,
  nameOf: (setting: Setting) => string,
): { level: 'notice' | 'warning'; text: string } | undefined {
  if (result.type === 'ended') {
    const { id, status, statusLabel } = result.run
    const label = statusLabel ? ` (${statusLabel})` : ''
    return {
      level: 'notice',
      text: `Run ${id} already ended with ${status}${label} and was left alone.`,
    }
  }
  if (result.type === 'failed') {
    const lines = [
      `Could not update Port: ${formatError(result.error, nameOf)}`,
      ...result.lost.map((line) => `  ${line}`),
    ]
    return { level: 'warning', text: lines.join('\n') }
  }
  return undefined
}
