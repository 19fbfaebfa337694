import type { JsonObject } from '../json.ts'
import type { FinalStatus } from '../run/outcome.ts'

export type { FinalStatus }

/** What of a run this project reads. Port sends more. */
export interface PortRun {
  id: string
  /** `IN_PROGRESS`, `SUCCESS`, `FAILURE`, and others before a run starts (`WAITING_FOR_APPROVAL`, …). */
  status: string
  statusLabel?: string | null
  externalRunId?: string
  link?: string | string[]
  summary?: string | null
  action?: { identifier: string }
  properties?: JsonObject
}

/** What `PATCH /v1/actions/runs/{run_id}` accepts. Each key replaces what the run had. */
export interface RunPatch {
  status?: FinalStatus
  statusLabel?: string
  link?: string | string[]
  summary?: string
  externalRunId?: string
}

/** What `POST /v1/actions/runs/{run_id}/logs` accepts. A `terminationStatus` ends the run. */
export interface RunLog {
  message: string
  terminationStatus?: FinalStatus
  statusLabel?: string
}

/** Whether a run has ended, so that Port refuses further changes. */
export function isFinal(run: Pick<PortRun, 'status'>): boolean {
  return run.status === 'SUCCESS' || run.status === 'FAILURE'
}
