import { errorPhrase, PortDispatchError, phrase, setting } from '@port-dispatch/core'
import { PortError, type PortRun } from '@port-dispatch/core/port'
import type { Plan, RunRef } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'
import type { DispatchOptions, DispatchStep, Progress } from './dispatch-steps.ts'
import { StoppedError } from './errors.ts'

/** Reports before anything is started, so that nothing is started for a run that Port does not accept. */
export async function* announce(
  options: DispatchOptions,
  plan: Plan,
  progress: Progress,
): AsyncGenerator<DispatchStep, PortRun | undefined> {
  progress.plan = plan
  const { reporter, signal } = options
  if (!reporter) return undefined
  if (signal?.aborted) throw new StoppedError(plan.target)
  const result = await reporter.update({
    statusLabel: plan.startLabel ?? `Starting on ${plan.backend}`,
  })
  if (result.type === 'failed') {
    if (result.error instanceof PortError && result.error.isRefusal) throw result.error
    yield { type: 'reported', result }
    return undefined
  }
  refuseClosed(result.run, plan)
  if (result.run) await refuseSecond(options, plan, result.run)
  return result.run
}

/** @throws PortDispatchError if nothing may be started for the run: it ended, waits for approval, or was declined */
function refuseClosed(run: PortRun | undefined, { target }: Plan): void {
  if (!run) return
  const refuse = (why: string, what: string) => {
    throw new PortDispatchError(
      'PORT',
      `Port run ${run.id} ${why}, so ${target} was not started.`,
      {
        advice: what,
      },
    )
  }
  if (run.status === 'SUCCESS' || run.status === 'FAILURE') {
    refuse(`already ended with ${run.status}`, 'Start a new run in Port.')
  }
  if (run.status === 'WAITING_FOR_APPROVAL')
    refuse('waits for approval', 'Approve it in Port first.')
  if (run.status === 'DECLINED') refuse('was declined', 'Start a new run in Port.')
}

/** @throws SecondRunError if the Port run has a run of this target, or if it cannot be found out whether it has */
async function refuseSecond(
  { again, ownExternalRunId, signal }: DispatchOptions,
  { target, runs }: Plan,
  { id, externalRunId }: PortRun,
): Promise<void> {
  if (again || !externalRunId || externalRunId === ownExternalRunId) return
  let run: RunRef | undefined
  try {
    run = await runs?.refOf(externalRunId, { signal })
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    // That work may be under way: the Port run must not end because of this failure.
    throw new SecondRunError(id, target, { id: externalRunId }, error)
  }
  if (run) throw new SecondRunError(id, target, run)
}

/** The Port run already has a run of this target. */
export class SecondRunError extends PortDispatchError {
  static override readonly brand: string = 'SecondRunError'
  override readonly name = 'SecondRunError'

  /** @param cause why it is not known whether the run is one of the target */
  constructor(portRunId: string, target: string, run: RunRef, cause?: BackendError) {
    const which = run.url ?? run.id
    super(
      'PORT',
      cause
        ? phrase`${errorPhrase(cause)} Port run ${portRunId} has the external run ID ${which}, which may be a run of ${target}. Nothing was started.`
        : `Port run ${portRunId} already has a run of ${target}: ${which}. Nothing was started.`,
      { cause, advice: phrase`${setting('again')} starts another one.` },
    )
  }
}
