import { getState, saveState } from '@actions/core'
import type { RunPatch } from '@port-dispatch/core/port'

const NAME = 'report'

/** What the step tells its post step. Nothing secret: the inputs are evaluated again. */
export interface ReportState {
  runId: string
  /** What Port was told at the start; empty if it could not be told. */
  told: RunPatch
}

export function saveReportState(state: ReportState): void {
  saveState(NAME, JSON.stringify(state))
}

/** Undefined if there is nothing to report at the end. */
export function loadReportState(): ReportState | undefined {
  const text = getState(NAME)
  return text === '' ? undefined : JSON.parse(text)
}
