import { type Phrase, phrase, setting } from '@port-dispatch/core'
import { BackendError, transportErrorIn } from '../backend-error.ts'
import { DONE_AND_ELSEWHERE } from '../repetition.ts'
import { GitlabAnswerError } from './requester.ts'

/** How a request was authorized, which decides what its refusal means. */
export type GitlabAuthorization = 'trigger-token' | 'access-token'

/** What was requested of GitLab. */
export interface GitlabRequested {
  /** As a clause: `start a pipeline of group/project on main`. */
  what: string
  project: string
  authorization: GitlabAuthorization
  /** Whether the request starts something, so that its failure can have had an effect. */
  starts: boolean
}

/** Explains why GitLab did not do what was requested. */
export function gitlabError(requested: GitlabRequested, error: unknown): BackendError {
  const { what, project, authorization, starts } = requested
  if (error instanceof BackendError) return error
  const transport = transportErrorIn(error)
  if (transport) {
    return new BackendError(`Could not reach GitLab to ${what}: ${transport.message}.`, {
      effect: starts ? transport.effect : 'none',
      cause: transport,
    })
  }
  if (!(error instanceof GitlabAnswerError)) throw error
  const { status, message, retryAfter } = error
  // GitLab repeats the status in some of its messages.
  const said = message
    .trim()
    .replace(/\.$/, '')
    .replace(new RegExp(`^${status} `), '')
  // After 408 the request may be under way behind what gave it up.
  if (status >= 500 || status === 408 || status === DONE_AND_ELSEWHERE) {
    return new BackendError(`GitLab failed to ${what}: ${status} ${said}.`, {
      effect: starts ? 'unknown' : 'none',
      status,
    })
  }
  return new BackendError(`GitLab refused to ${what}: ${status} ${said}.`, {
    status,
    retryAfter,
    advice: adviceFor(status, said, project, authorization),
  })
}

/** A response with a success status that is not what GitLab sends: a lost answer. */
export function unreadable(what: string, starts: boolean): BackendError {
  return new BackendError(
    `GitLab's response to the request to ${what} cannot be read: it is not what GitLab sends.`,
    { effect: starts ? 'unknown' : 'none' },
  )
}

/** Messages of a pipeline that could not be built from `.gitlab-ci.yml`. */
const YAML_ERROR =
  /^\(<unknown>\)|^jobs?[ :].*config|config (should|contains|key)|unknown keys|Included file|undefined job|invalid yaml|syntax is invalid/i
const NO_JOBS =
  /^No stages \/ jobs for this pipeline|pipeline would have been empty|filtered out by workflow rules|Pipeline will not run for the selected trigger|prevented any jobs/i
const NO_VARIABLES = /Insufficient permissions to set pipeline variables/i

/** Advice for messages that are known. GitLab's own words are never contradicted; what is not known gets none. */
function adviceFor(
  status: number,
  said: string,
  project: string,
  authorization: GitlabAuthorization,
): Phrase | undefined {
  const token = setting('gitlab.token')
  const triggerToken = setting('gitlab.triggerToken')
  const byTrigger = authorization === 'trigger-token'
  if (status < 400) return phrase`Check ${setting('gitlab.url')}: it redirects elsewhere.`
  if (status === 404 && byTrigger) {
    return phrase`Check that ${project} exists and that ${triggerToken} is a pipeline trigger token of it (Settings > CI/CD > Pipeline trigger tokens). GitLab responds with 404 to other kinds of tokens: a personal, group or project access token belongs in ${token}.`
  }
  if (status === 404) {
    return phrase`Check that ${project} exists and that ${token} can read it: GitLab responds with 404 for projects that a token cannot see.`
  }
  if (status === 401) {
    return phrase`Check ${byTrigger ? triggerToken : token}: it is wrong, has expired, or was revoked.`
  }
  if (status === 403 && /^(Forbidden|insufficient_scope)?$/i.test(said)) {
    return byTrigger
      ? phrase`The owner of ${triggerToken} needs the role Developer in ${project}, and for a protected branch the right to push or merge.`
      : phrase`${token} needs the scope "api" and the role Developer in ${project}, and for a protected branch the right to push or merge.`
  }
  if (status !== 400) return undefined
  if (/^Reference not found$/i.test(said)) {
    return 'Check that the branch or tag exists: it comes from the user input "ref", else from "defaultRef". A commit SHA cannot be used.'
  }
  if (NO_JOBS.test(said)) {
    return 'No job of the pipeline matches: check the "rules" of .gitlab-ci.yml and of its "workflow" for this ref, these variables, and the source "trigger" or "api".'
  }
  if (NO_VARIABLES.test(said)) {
    return 'Check who can set pipeline variables (Settings > CI/CD > Variables > Minimum role to use pipeline variables).'
  }
  if (YAML_ERROR.test(said)) return 'Fix .gitlab-ci.yml on this ref.'
  return undefined
}
