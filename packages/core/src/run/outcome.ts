/** How a dispatched run ended, in Port's terms. */
export interface Outcome {
  status: 'SUCCESS' | 'FAILURE'
  statusLabel: string
  summary?: string
}

/** Conclusions that Port's own GitHub integration counts as success; all others are failures. */
const GITHUB_SUCCESS = new Set(['success', 'skipped', 'neutral'])

const LABELS: Record<string, string> = {
  success: 'Success',
  skipped: 'Skipped',
  neutral: 'Neutral',
  failure: 'Failed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  canceled: 'Canceled',
  timed_out: 'Timed out',
  action_required: 'Action required',
  startup_failure: 'Failed to start',
  stale: 'Stale',
  requested: 'Requested',
  created: 'Created',
  queued: 'Queued',
  pending: 'Pending',
  preparing: 'Preparing',
  scheduled: 'Scheduled',
  waiting: 'Waiting for approval',
  waiting_for_resource: 'Waiting for a resource',
  manual: 'Waiting for a manual job',
  in_progress: 'In progress',
  completed: 'Completed',
  running: 'Running',
  canceling: 'Canceling',
}

/** The words for a GitHub status or conclusion, or a GitLab status. Unknown ones are shown as they are. */
export function statusLabel(status: string): string {
  return isKnownStatus(status) ? (LABELS[status] ?? status) : status
}

/** Whether a status or conclusion is one of those that GitHub and GitLab document. */
export function isKnownStatus(status: string): boolean {
  return Object.hasOwn(LABELS, status)
}

/** @param conclusion of a completed GitHub workflow run or job */
export function githubOutcome(conclusion: string): Outcome {
  return {
    status: GITHUB_SUCCESS.has(conclusion) ? 'SUCCESS' : 'FAILURE',
    statusLabel: statusLabel(conclusion),
  }
}

/** The pipeline statuses after which nothing happens any more. */
const GITLAB_FINAL = new Set(['success', 'failed', 'canceled', 'skipped'])

/**
 * @param status of a GitLab pipeline
 * @returns undefined while the pipeline goes on, which includes every status that is not known here
 */
export function gitlabOutcome(status: string): Outcome | undefined {
  if (!GITLAB_FINAL.has(status)) return undefined
  return { status: status === 'success' ? 'SUCCESS' : 'FAILURE', statusLabel: statusLabel(status) }
}
