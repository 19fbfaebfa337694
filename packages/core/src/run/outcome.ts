/** The two statuses that end a run in Port. */
export type FinalStatus = 'SUCCESS' | 'FAILURE'

/** How a run ended, in Port's terms. */
export interface Outcome {
  status: FinalStatus
  statusLabel: string
  /** Somebody ended it early. A workflow node run is then `CANCELLED` rather than `FAILED`. */
  cancelled?: true
}

interface Word {
  label: string
  /** What it means as the conclusion of a GitHub run or job; missing if a run goes on. */
  github?: FinalStatus
  /** What it means as the status of a GitLab pipeline or job; missing if it goes on. */
  gitlab?: FinalStatus
}

/**
 * Every status and conclusion that GitHub and GitLab document. Which of them are a success is as Port's own Ocean
 * integrations have it.
 */
const WORDS: Readonly<Record<string, Word>> = {
  success: { label: 'Success', github: 'SUCCESS', gitlab: 'SUCCESS' },
  skipped: { label: 'Skipped', github: 'SUCCESS', gitlab: 'FAILURE' },
  neutral: { label: 'Neutral', github: 'SUCCESS' },
  failure: { label: 'Failed', github: 'FAILURE' },
  failed: { label: 'Failed', gitlab: 'FAILURE' },
  cancelled: { label: 'Cancelled', github: 'FAILURE' },
  canceled: { label: 'Cancelled', gitlab: 'FAILURE' },
  timed_out: { label: 'Timed out', github: 'FAILURE' },
  action_required: { label: 'Action required', github: 'FAILURE' },
  startup_failure: { label: 'Failed to start', github: 'FAILURE' },
  stale: { label: 'Stale', github: 'FAILURE' },
  requested: { label: 'Requested' },
  created: { label: 'Created' },
  queued: { label: 'Queued' },
  pending: { label: 'Pending' },
  preparing: { label: 'Preparing' },
  scheduled: { label: 'Scheduled' },
  waiting: { label: 'Waiting for approval' },
  waiting_for_resource: { label: 'Waiting for a resource' },
  waiting_for_callback: { label: 'Waiting for a callback' },
  manual: { label: 'Waiting for a manual job' },
  in_progress: { label: 'In progress' },
  completed: { label: 'Completed' },
  running: { label: 'Running' },
  canceling: { label: 'Canceling' },
}

/** The words that say how a run ended, for messages to people who wrote another one. */
export const END_WORDS: readonly string[] = Object.entries(WORDS)
  .filter(([, { github, gitlab }]) => github ?? gitlab)
  .map(([word]) => word)

/** The words for a GitHub status or conclusion, or a GitLab status. Unknown ones are shown as they are. */
export function statusLabel(status: string): string {
  return wordOf(status)?.label ?? status
}

/** Whether a status or conclusion is one of those that GitHub and GitLab document. */
export function isKnownStatus(status: string): boolean {
  return wordOf(status) !== undefined
}

/**
 * @param conclusion of a completed GitHub workflow run, job or step. One that is not known here is a failure, as it is
 *   for Port's integration.
 */
export function githubOutcome(conclusion: string): Outcome {
  return outcome(conclusion, wordOf(conclusion)?.github ?? 'FAILURE')
}

/**
 * @param status of a GitLab pipeline
 * @returns undefined while the pipeline goes on, which includes every status that is not known here
 */
export function gitlabOutcome(status: string): Outcome | undefined {
  const meaning = wordOf(status)?.gitlab
  return meaning && outcome(status, meaning)
}

/**
 * The outcome that a user names: `SUCCESS` and `FAILURE` as Port has them, or any word of {@link END_WORDS}, in any
 * case. `skipped` counts as GitHub counts it.
 *
 * @returns undefined if the word does not say how something ended
 */
export function portStatusOf(text: string): Outcome | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  const word = wordOf(name)
  const meaning = word?.github ?? word?.gitlab
  return meaning && outcome(name, meaning)
}

/** Whether a GitHub conclusion counts as a success in Port. */
export function isSuccess(conclusion: string): boolean {
  return githubOutcome(conclusion).status === 'SUCCESS'
}

/** Whether a status or conclusion says that somebody ended the run early. */
export function isCancelled(status: string): boolean {
  return status === 'cancelled' || status === 'canceled'
}

/**
 * The conclusion of several jobs together, as of `needs` on GitHub: a failure counts more than a cancellation, which
 * counts more than a success.
 */
export function worstOf(conclusions: Iterable<string>): 'success' | 'failure' | 'cancelled' {
  const bad = [...conclusions].filter((conclusion) => !isSuccess(conclusion))
  if (bad.length === 0) return 'success'
  return bad.every(isCancelled) ? 'cancelled' : 'failure'
}

function outcome(word: string, status: FinalStatus): Outcome {
  return { status, statusLabel: statusLabel(word), ...(isCancelled(word) && { cancelled: true }) }
}

function wordOf(status: string): Word | undefined {
  return Object.hasOwn(WORDS, status) ? WORDS[status] : undefined
}
