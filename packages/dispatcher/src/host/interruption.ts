/**
 * A signal that aborts when the process is asked to end (Ctrl-C, or SIGTERM, which CI runners send on cancel), so that
 * it can say so to Port. A second signal ends the process at once.
 *
 * @param onSignal called with the name of the signal before the abort
 */
export function interruption(onSignal?: (name: string) => void): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      onSignal?.(signal)
      controller.abort(new Error(signal))
    })
  }
  return controller.signal
}
