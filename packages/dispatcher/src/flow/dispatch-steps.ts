// What a dispatch takes, yields and returns.
import type { Logger } from '@port-dispatch/core'
import type { Action, RenderedInvocation, TriggerData } from '@port-dispatch/core/action'
import type { Reporter, ReportResult } from '@port-dispatch/core/port'
import type { Outcome } from '@port-dispatch/core/run'
import type { RenderOptions } from '@port-dispatch/core/template'
import type { Redactor } from '@port-dispatch/core/text'
import type { Plan, RunState } from '../backends/backend.ts'
import type { BackendError } from '../backends/backend-error.ts'
import type { End } from './conclude.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { StartedOnce } from './start-once.ts'

export interface DispatchOptions {
  dispatcher: Dispatcher
  /** What to run. A promise that fails ends the Port run like every other failure before the start. */
  action: Action | Promise<Action>
  triggerData: TriggerData
  /** Reports to Port; without one nothing is reported. */
  reporter?: Reporter | undefined
  /** Whether the end of the run ends the Port run; the action's `reportWorkflowStatus` must agree. Default `report`. */
  reportEnd?: 'report' | 'leave' | undefined
  /** Follows the run to its end; without it the dispatch is done once the run has started. */
  wait?: WaitOptions | undefined
  /** Refuses a payload in which an expression failed. */
  strict?: boolean | undefined
  /**
   * What a mistake in action, context or settings does to the Port run: in CI nobody is there to mend it and the run
   * ends; a person at a terminal mends it and tries again. Default `end-run`.
   */
  onMistake?: 'end-run' | 'leave-run' | undefined
  /** Starts another run for a Port run that already has one. */
  again?: boolean | undefined
  /**
   * What to do about an earlier dispatch of the Port run. A run that it started and did not report any more is always
   * taken over; where it is not certain whether it started one, nothing is started.
   *
   * - `refuse` (default): refuses if Port shows a run of the target already, which somebody else may follow.
   * - `resume`: takes that run over too.
   * - `none`: the caller knows that there was none. That saves a request.
   */
  earlier?: 'refuse' | 'resume' | 'none' | undefined
  /**
   * Whether to start while Port cannot be read or does not take what is reported before the start. What is not announced
   * cannot be found again. Default `start`: an outage of Port does not prevent the work.
   */
  ifUnannounced?: 'start' | 'refuse' | undefined
  /** The run that this process is part of, which is not one that was dispatched before. */
  ownExternalRunId?: string | undefined
  render?: RenderOptions | undefined
  logger?: Logger | undefined
  /** Hides secrets in what is reported to Port. Default: what the context has below `secrets`. */
  redactor?: Redactor | undefined
  /** Before the start it prevents it; after it, it ends the waiting. */
  signal?: AbortSignal | undefined
}

export interface WaitOptions {
  /** Milliseconds. */
  timeout: number
  /** What to do with the run if waiting is interrupted or times out. */
  onCancel: 'cancel' | 'leave'
  /** Whether to go on while the run waits for a person. Default `wait`. */
  onManual?: 'wait' | 'stop' | undefined
}

export interface DispatchResult {
  plan: Plan
  started: StartedOnce
  /** Missing if what was started cannot be followed. */
  state?: RunState
  /** Missing if the run was not followed to its end. */
  outcome?: Outcome
  /** The backend stopped showing the run. */
  lost?: BackendError
  /** Whether Port knows all it should. */
  reported: 'reported' | 'not-reported' | 'not-requested'
}

/** What has happened, in order, for whoever shows it. */
export type DispatchStep =
  | { type: 'rendered'; rendered: RenderedInvocation }
  | { type: 'planned'; plan: Plan }
  | { type: 'started'; plan: Plan; started: StartedOnce }
  | { type: 'state'; state: RunState }
  | { type: 'concluded'; end: End }
  | { type: 'reported'; result: ReportResult; status?: Outcome }

/** What is known at a moment, for the one place that decides what an error does to the Port run. */
export interface Progress {
  plan?: Plan
  started?: StartedOnce
  reported: DispatchResult['reported']
}

/** Whether the Port run ends with what was started. */
export function endsPortRun(
  { reportEnd = 'report' }: Pick<DispatchOptions, 'reportEnd'>,
  plan: Plan,
): boolean {
  return reportEnd === 'report' && plan.endsPortRun
}
