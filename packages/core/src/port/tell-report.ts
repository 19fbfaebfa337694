import type { Logger } from '../logger.ts'
import type { ReportResult } from './run-reporter.ts'

/** Says what is worth saying of a report: that a run was left alone, or what Port was not told, in full. */
export function tellReport(result: ReportResult, logger: Logger): void {
  if (result.type === 'ended') {
    const { id, status, statusLabel } = result.run
    const label = statusLabel ? ` (${statusLabel})` : ''
    logger.notice(`Run ${id} already ended with ${status}${label} and was left alone.`)
  }
  if (result.type === 'failed') {
    const lines = [
      result.error.message,
      'Port was not told:',
      ...result.lost.map((line) => `  ${line}`),
    ]
    logger.warning(lines.join('\n'))
  }
}
