import { explain, PortDispatchError, silentLogger } from '@port-dispatch/core'
import { BackendError } from '../backends/backend-error.ts'
import type { End } from './conclude.ts'
import { type DispatchOptions, endsPortRun, type Progress } from './dispatch-steps.ts'
import { UNSETTLED_LABELS, UnsettledError } from './errors.ts'

/**
 * What an error does to the Port run. A run whose work was not started ends, so that it does not stay in progress for
 * ever and its page says why; a refusal by Port itself is not reported: Port would refuse the report too.
 */
export function endOfError(
  error: unknown,
  options: Pick<DispatchOptions, 'onMistake' | 'reportEnd' | 'logger'>,
  { plan, started }: Progress,
): End | undefined {
  const code = error instanceof PortDispatchError ? error.code : undefined
  const message =
    error instanceof PortDispatchError
      ? explain(error, options.logger ?? silentLogger)
      : `Unexpected error: ${error}`
  const failed = (statusLabel: string): End => ({
    outcome: { status: 'FAILURE', statusLabel },
    message,
  })
  const mayGoOn = plan !== undefined && !endsPortRun(options, plan)
  if (error instanceof UnsettledError) {
    const statusLabel = UNSETTLED_LABELS[error.why]
    return mayGoOn ? { openLabel: statusLabel, message } : failed(statusLabel)
  }
  if (started) {
    return mayGoOn ? { openLabel: 'Status unavailable', message } : failed('Status unavailable')
  }
  if (code === 'PORT') return undefined
  if (code === 'STOPPED') return failed('Cancelled')
  if (error instanceof BackendError) return failed(error.label ?? 'Not started')
  const isMistake = code === 'INPUT' || code === 'STRICT' || code === 'LIMIT'
  if (isMistake && options.onMistake === 'leave-run') return undefined
  return failed('Not started')
}
