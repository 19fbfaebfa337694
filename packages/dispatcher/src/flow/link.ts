import { explain, silentLogger } from '@port-dispatch/core'
import type { PortRun } from '@port-dispatch/core/port'
import type { Plan, RunRef, RunState } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import type { DispatchOptions, DispatchStep, Progress } from './dispatch-steps.ts'
import { note } from './report-end.ts'

/** The first look at a run gives its external run id; the link does not wait for it. */
const FIRST_READ_WITHIN_MS = 2_000

/** Reports where the run is. A Port run that others report on too keeps its external run id and its links. */
export async function* link(
  options: DispatchOptions,
  plan: Plan,
  started: { run: RunRef; guess?: true },
  before: PortRun | undefined,
  progress: Progress,
): AsyncGenerator<DispatchStep, RunState> {
  const { run } = started
  const state = await firstState(options, plan, run)
  const { reporter } = options
  if (!reporter) return state
  const links = [...new Set([...[before?.link ?? []].flat(), ...(state.url ? [state.url] : [])])]
  // What is only a guess must not stand where the work itself would write its own id.
  const externalRunId = started.guess || before?.externalRunId ? undefined : state.externalRunId
  const result = await reporter.update({
    ...(links.length > 0 && { link: links.length === 1 ? `${links[0]}` : links }),
    ...(externalRunId && { externalRunId }),
    statusLabel: 'Running',
  })
  note(progress, result)
  yield { type: 'reported', result }
  return state
}

async function firstState(
  { dispatcher, logger = silentLogger, signal }: DispatchOptions,
  { runs }: Plan,
  run: RunRef,
): Promise<RunState> {
  const known: RunState = { status: 'created', url: '', ...run }
  if (!runs || signal?.aborted) return known
  const limit = dispatcher.clock.timeout(FIRST_READ_WITHIN_MS)
  try {
    return await runs.read(run, signal ? AbortSignal.any([signal, limit]) : limit)
  } catch (error) {
    if (error instanceof BackendError) logger.warning(explain(error, logger))
    else if (!signal?.aborted && !limit.aborted) throw error
    return known
  }
}
