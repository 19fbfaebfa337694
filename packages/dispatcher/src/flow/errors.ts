// What can end a dispatch before its run is known.
import { errorPhrase, type Phrase, PortDispatchError, phrase, setting } from '@port-dispatch/core'
import type { ExpressionFailure } from '@port-dispatch/core/template'
import type { Plan } from '../backends/backend.ts'
import { BackendError } from '../backends/backend-error.ts'

/** The process was asked to end before anything was started. */
export class StoppedError extends PortDispatchError {
  static override readonly brand: string = 'StoppedError'
  override readonly name = 'StoppedError'

  constructor(target: string | undefined) {
    super('STOPPED', `Stopped before ${target ?? 'anything'} was started.`)
  }
}

/** A payload in which expressions failed was refused, as `strict` requires. */
export class StrictError extends PortDispatchError {
  static override readonly brand: string = 'StrictError'
  override readonly name = 'StrictError'

  constructor(failures: readonly ExpressionFailure[]) {
    const paths = failures.map(({ path }) => path || 'the root').join(', ')
    super(
      'STRICT',
      phrase`The payload was refused (${setting('strict')}): expressions failed at ${paths}.`,
    )
  }
}

/**
 * Why a start is not settled: its response was `lost`; it was accepted and its run was `not-shown`; several runs could be
 * its run (`which`); or the process was `stopped` while it looked for the run.
 */
export type Unsettled = 'lost' | 'not-shown' | 'which' | 'stopped'

/** Something was started, or may have been, and what it became is not certain. It must not be sent again. */
export class UnsettledError extends BackendError {
  static override readonly brand: string = 'UnsettledError'
  override readonly name = 'UnsettledError'
  readonly why: Unsettled

  constructor(
    why: Unsettled,
    { target, ref, page, unsettled }: Pick<Plan, 'target' | 'ref' | 'page' | 'unsettled'>,
    failure?: BackendError,
  ) {
    const where = ref === undefined ? target : `${target} on ${ref}`
    const summary: Record<Unsettled, Phrase> = {
      lost: unsettled ?? `It is unknown whether ${where} was started.`,
      'not-shown': `${where} was accepted, but the backend did not show which run it became.`,
      which: `${where} was accepted, but several runs were started at that moment and none carries the Port run ID.`,
      stopped: `Stopped while it was unknown whether ${where} was started.`,
    }
    super(failure ? phrase`${errorPhrase(failure)} ${summary[why]}` : summary[why], {
      effect: 'unknown',
      cause: failure,
      advice: page && `Look for it at ${page} before you start it again.`,
    })
    this.why = why
  }
}

/** The labels of Port runs whose start is not settled. */
export const UNSETTLED_LABELS: Readonly<Record<Unsettled, string>> = {
  lost: 'Unknown whether it started',
  'not-shown': 'Started, run unknown',
  which: 'Started, unknown which run',
  stopped: 'Unknown whether it started',
}
