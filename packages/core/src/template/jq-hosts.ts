// Which jq runs a job. There is at most one per process, started with the first job.
import type { JqAnswer, JqHost, JqJob } from './jq-job.ts'
import { memoryLimits } from './memory-limits.ts'

let host: Promise<JqHost> | undefined
let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a job when those before it are done.
 *
 * @param timeLimit milliseconds for each document
 * @returns the answer, and the milliseconds that it took, with the start of jq
 */
export function runJq(
  job: JqJob,
  timeLimit: number,
): Promise<{ answer: JqAnswer; elapsed: number }> {
  const result = last.then(async () => {
    host ??= openHost()
    const opened = await host
    const start = performance.now()
    const answer = await opened.run(job, timeLimit)
    return { answer, elapsed: performance.now() - start }
  })
  last = result.catch(() => {})
  return result
}

async function openHost(): Promise<JqHost> {
  const { canRunWorker, WorkerHost } = await import('./worker-host.ts')
  if (canRunWorker()) return new WorkerHost(memoryLimits)
  const { InProcessHost } = await import('./in-process-host.ts')
  return new InProcessHost()
}
