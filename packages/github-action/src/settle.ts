import { PortDispatchError } from '@port-dispatch/core'
import { type ReportResult, tellReport } from '@port-dispatch/core/port'
import { flagInput } from './inputs/inputs.ts'
import { runnerLogger } from './runner-logger.ts'

/**
 * Says what became of a report. What Port could not be told is a warning: reporting does not break the user's job.
 *
 * @throws PortDispatchError instead, if the input `strict` is set
 */
export function settle(result: ReportResult): void {
  if (result.type !== 'failed' || !flagInput('strict', 'false')) {
    tellReport(result, runnerLogger)
    return
  }
  let message = ''
  const keep = (text: string) => {
    message = text
  }
  tellReport(result, { info: keep, notice: keep, warning: keep })
  throw new PortDispatchError('PORT', message, { cause: result.error })
}
