/** A signal that aborts when the job is cancelled: the runner then sends SIGINT, and SIGTERM 7.5 seconds later. */
export function cancellation(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error(signal)))
  }
  return controller.signal
}
