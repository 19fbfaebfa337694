import { formatError, type Setting } from '../errors.ts'
import type { Lost, ReportResult } from './report.ts'

/**
 * What is worth saying of a report: that the run was left alone, what was cut, or what Port did not get, in full.
 *
 * @param nameOf gives the name of a setting that the reader knows
 * @returns undefined if all went well
 */
export function describeReport(
  result: ReportResult,
  nameOf: (setting: Setting) => string,
): { level: 'notice' | 'warning'; text: string } | undefined {
  switch (result.type) {
    case 'delivered': {
      const { runId, cut, ignored } = result
      const without = ignored
        ? `The output was not sent: ${runId} is the run of an action, and only node runs of a workflow (wfnr_…) have an output.`
        : ''
      if (cut) {
        const parts = cut.map((part) => NAMES[part]).join(', ')
        const text = `Updated Port run ${runId}. Too long for Port and therefore cut: ${parts}. ${without}`
        return { level: 'warning', text: text.trimEnd() }
      }
      return ignored && { level: 'notice', text: without }
    }
    case 'ended': {
      const { id, status, statusLabel } = result.run
      const label = statusLabel ? ` (${statusLabel})` : ''
      const text = `Port run ${id} already ended with ${status}${label} and was left unchanged.`
      return { level: 'notice', text }
    }
    case 'unapproved': {
      const { id, status } = result.run
      const why = status === 'DECLINED' ? 'was declined' : 'is waiting for approval'
      return { level: 'warning', text: `Port run ${id} ${why} and was left unchanged.` }
    }
    case 'failed': {
      const lines = [
        `Could not update Port: ${formatError(result.error, nameOf)}`,
        ...result.lost.map(({ what, value }) => `  ${NAMES[what]}: ${indented(value)}`),
      ]
      return { level: 'warning', text: lines.join('\n') }
    }
  }
}

const NAMES: Readonly<Record<Lost['what'], string>> = {
  status: 'status',
  statusLabel: 'status label',
  log: 'log',
  link: 'link',
  summary: 'summary',
  externalRunId: 'external run ID',
  output: 'output',
  response: 'response',
}

/** So that what others wrote does not begin a line. */
function indented(text: string): string {
  return text.replaceAll('\n', '\n    ')
}
