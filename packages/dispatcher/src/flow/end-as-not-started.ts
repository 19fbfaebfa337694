import type { Logger, PortDispatchError } from '@port-dispatch/core'
import { type RunReporter, tellReport } from '@port-dispatch/core/port'
import { BackendError } from '../backends/backend-error.ts'
import { StoppedError } from './stopped-error.ts'

/**
 * Ends a run whose work could not be started, so that it does not stay in progress for ever, and its page says why.
 * A refusal by Port itself is not reported: Port would refuse the report too.
 */
export async function endAsNotStarted(
  reporter: RunReporter | undefined,
  error: PortDispatchError,
  logger: Logger,
): Promise<void> {
  if (!reporter || error.code === 'PORT') return
  const statusLabel = labelOf(error)
  const told = await reporter.finish({ status: 'FAILURE', statusLabel, message: error.message })
  tellReport(told, logger)
  if (told.type === 'delivered') {
    logger.notice(`Run ${reporter.runId} in Port was ended: FAILURE, ${statusLabel}.`)
  }
}

function labelOf(error: PortDispatchError): string {
  if (error instanceof StoppedError) return 'Cancelled'
  const isUnknown = error instanceof BackendError && error.effect === 'unknown'
  return isUnknown ? 'Unknown whether it started' : 'Not started'
}
