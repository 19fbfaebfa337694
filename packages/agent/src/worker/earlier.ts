// What Port says of a run before the agent begins it: nothing, or that somebody began it before.
import {
  isFinal,
  isOpen,
  isProvisionalId,
  isUnapproved,
  type PortRun,
  provisionalId,
  type RunChange,
  stageOf,
} from '@port-dispatch/core/port'
import { isNodeRunId } from '@port-dispatch/core/run'
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

/** Begins the line in the log of a run by which an agent takes it. With a label, it is about to be started. */
export const TAKEN = 'An agent has taken this run ('

const STAGES = Object.keys(LABELS) as (keyof typeof LABELS)[]

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

/** How far a run of either kind came that has no run of a backend to name. */
export type Stage = keyof typeof LABELS | 'begun'

/** What Port shows of a stage: a label, or for a node run, which has none, an external run ID. */
export function stageChange(runId: string, stage: Stage, statusLabel: string): RunChange {
  if (!isNodeRunId(runId)) return { statusLabel }
  return { externalRunId: provisionalId(runId, stage === 'begun' ? undefined : stage) }
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
  if (!isOpen(run)) return { type: 'over', why: `has the unknown status ${run.status}` }
  const { externalRunId } = run
  const stage = shownStage(run)
  if (externalRunId && stage === undefined) {
    // Of what cannot be followed, only its receiver writes one.
    return plan.runs ? { type: 'linked', externalRunId } : { type: 'sent' }
  }
  switch (stage) {
    case undefined:
    case 'waiting':
      return { type: 'fresh' }
    case 'accepted':
      return { type: 'sent' }
    case 'unknown':
      return { type: 'given-up' }
    default:
      return { type: 'begun' }
  }
}

function shownStage({ externalRunId, statusLabel }: PortRun): Stage | undefined {
  if (externalRunId !== undefined) {
    if (!isProvisionalId(externalRunId)) return undefined
    const named = stageOf(externalRunId)
    return STAGES.find((stage) => stage === named) ?? 'begun'
  }
  if (statusLabel === undefined) return undefined
  return STAGES.find((stage) => LABELS[stage] === statusLabel) ?? 'begun'
}
