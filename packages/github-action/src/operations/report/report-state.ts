import { getState, saveState } from '@actions/core'
import type { RunPatch } from '@port-dispatch/core/port'

const NAME = 'report'

/** What the step tells its post step. Nothing secret: the inputs are evaluated again. */
export interface ReportState {
  runId: string
  /** What was reported at the start; empty if Port could not be updated. */
  told: RunPatch
}

export function saveReportState(state: ReportState): void {
  saveState(NAME, JSON.stringify(state))
}

/** There is nothing to report at the end after all. */
export function forgetReportState(): void {
  saveState(NAME, '')
}

/** Undefined if there is nothing to report at the end. */
export function loadReportState(): ReportState | undefined {
  const text = getState(NAME)
  return text === '' ? undefined : JSON.parse(text)
}
