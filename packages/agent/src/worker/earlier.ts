// What Port says of a run before the agent begins it: nothing, or that somebody began it before.
import { isFinal, isUnapproved, type PortRun } from '@port-dispatch/core/port'
import type { Plan } from '@port-dispatch/dispatcher'
import type { SourceName } from '../work.ts'

/** Labels that the agent writes, and by which an agent that comes after it knows how far it came. */
export const LABELS = {
  /** Announced, and given back: nothing was started. */
  waiting: 'Waiting for an agent',
  /** The receiver has it and reports the end. */
  accepted: 'Sent to the receiver',
  running: 'Running',
  unknown: 'Unknown whether it started',
} as const

/** Ends the label of a run that is being started, if it came by webhook: nobody gets it again when its agent ends. */
const FROM_WEBHOOK = ' (received by webhook)'

/** The label of a run that is about to be started. */
export function startLabel({ startLabel, backend }: Plan, source: SourceName): string {
  const label = startLabel ?? `Starting on ${backend}`
  return source === 'webhook' ? label + FROM_WEBHOOK : label
}

/** Whether an agent that received the run by webhook has begun it, and Port shows nothing of its end. */
export function isFromWebhook({ statusLabel = '' }: PortRun): boolean {
  return statusLabel.endsWith(FROM_WEBHOOK)
}

/** Begins the external run id of a node run, which has no label, from its announcement until its run is known. */
const NODE_RUN_MARK = 'port-dispatch:'

/** What a node run is marked with before anything is started for it. */
export function nodeRunMark(runId: string): string {
  return NODE_RUN_MARK + runId
}

/**
 * - `fresh`: nothing was begun.
 * - `over`: there is nothing to do; `why` completes "The run …".
 * - `linked`: it may have a run of the backend, which the external run id names.
 * - `sent`: its receiver has it.
 * - `given-up`: it is unknown whether it was started, and Port says so already.
 * - `begun`: somebody announced it; whether something was started, Port does not know.
 */
export type Earlier =
  | { type: 'fresh' }
  | { type: 'over'; why: string }
  | { type: 'linked'; externalRunId: string }
  | { type: 'sent' }
  | { type: 'given-up' }
  | { type: 'begun' }

/** How far a run came, as Port shows it. */
export function earlierOf(run: PortRun, plan: Pick<Plan, 'runs' | 'endsPortRun'>): Earlier {
  if (isFinal(run)) return { type: 'over', why: `has ended with ${run.status}` }
  if (isUnapproved(run)) {
    const isDeclined = run.status === 'DECLINED'
    return { type: 'over', why: isDeclined ? 'was declined' : 'waits for its approval' }
  }
  const { externalRunId, statusLabel } = run
  if (externalRunId?.startsWith(NODE_RUN_MARK)) return { type: 'begun' }
  if (externalRunId) {
    // Of what cannot be followed, only its receiver writes one.
    return plan.runs ? { type: 'linked', externalRunId } : { type: 'sent' }
  }
  switch (statusLabel) {
    case undefined:
    case LABELS.waiting:
      return { type: 'fresh' }
    case LABELS.accepted:
      return { type: 'sent' }
    case LABELS.unknown:
      return { type: 'given-up' }
    default:
      return { type: 'begun' }
  }
}
