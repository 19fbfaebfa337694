import type { Writable } from 'node:stream'

/**
 * Ends the process when its work is done: as soon as everything is written, whatever a library still keeps open. A pipe
 * that is read slowly gets all of it; `process.exit` alone would cut it.
 *
 * @param exitCode default: `process.exitCode`
 * @param streams that were written to
 */
export async function endProcess(
  exitCode?: number,
  streams: readonly Writable[] = [process.stdout, process.stderr],
): Promise<never> {
  await Promise.all(streams.map(written))
  // With an argument, even undefined, process.exit forgets process.exitCode.
  process.exit(exitCode ?? process.exitCode)
}

async function written(stream: Writable): Promise<void> {
  if (stream.writableLength === 0) return
  await new Promise<void>((resolve) => {
    // It is called with an error if nobody reads any more.
    stream.write('', () => resolve())
  })
}
