import { writeMessage } from './terminal.ts'

/**
 * A signal that aborts when the process is asked to end (Ctrl-C, or SIGTERM, which CI runners send on cancel), so that
 * it can say so to Port. Asked a second time, the process ends at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      writeMessage(`${signal}: stopping. Again to stop at once.`)
      controller.abort(new Error(signal))
    })
  }
  return controller.signal
}
