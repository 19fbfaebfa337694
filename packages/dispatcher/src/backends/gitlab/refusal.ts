import { BackendError } from '../backend-error.ts'
import { transportErrorIn } from '../github/http-fetch.ts'
import { GitlabAnswerError } from './requester.ts'

/** How a request was authorized, which decides what its refusal means. */
export type GitlabAuthorization = 'trigger-token' | 'access-token'

/**
 * Explains why GitLab did not do what was asked.
 *
 * @param what was asked, as a clause: `start a pipeline of group/project on main`
 */
export function gitlabError(
  what: string,
  project: string,
  authorization: GitlabAuthorization,
  error: unknown,
): BackendError {
  const transport = transportErrorIn(error)
  if (transport) {
    return new BackendError(`GitLab could not be asked to ${what}: ${transport.message}.`, {
      effect: transport.effect,
      cause: transport,
    })
  }
  if (!(error instanceof GitlabAnswerError)) throw error
  const { status, message, retryAfter } = error
  if (status >= 500) {
    return new BackendError(`GitLab failed to ${what}: ${status} ${message}.`, {
      effect: 'unknown',
      status,
    })
  }
  // GitLab repeats the status in some of its messages.
  const said = message.replace(/\.$/, '').replace(new RegExp(`^${status} `), '')
  const advice = adviceFor(status, said, project, authorization)
  return new BackendError(
    `GitLab refused to ${what}: ${status} ${said}.${advice && ` ${advice}`}`,
    { status, retryAfter },
  )
}

function adviceFor(
  status: number,
  said: string,
  project: string,
  authorization: GitlabAuthorization,
): string {
  if (status === 404 && authorization === 'trigger-token') {
    return `Check that ${project} exists and that GITLAB_TRIGGER_TOKEN is a pipeline trigger token of it (Settings > CI/CD > Pipeline trigger tokens). GitLab answers 404 when the token is another kind: a personal, group or project access token goes into GITLAB_TOKEN.`
  }
  if (status === 404) {
    return `Check that ${project} exists and that GITLAB_TOKEN can read it: GitLab answers 404 for projects that a token cannot see.`
  }
  if (status < 400) return 'Check GITLAB_URL: it redirects elsewhere.'
  if (status === 401) return 'Check GITLAB_TOKEN: it is wrong, has expired, or was revoked.'
  if (status === 403) {
    return `GITLAB_TOKEN needs the scope "api" and the role Developer in ${project}, and for a protected branch the right to push or merge.`
  }
  if (status !== 400) return ''
  if (/reference not found/i.test(said)) {
    return 'Check that the branch or tag exists: it comes from the user input "ref", else from "defaultRef".'
  }
  if (/no stages|no jobs|filtered out|rules/i.test(said)) {
    return 'No job of the pipeline matches: check the "rules" of .gitlab-ci.yml and of its "workflow" for this ref, these variables, and the source "trigger" or "api".'
  }
  if (/variable/i.test(said)) {
    return 'Check who may set pipeline variables (Settings > CI/CD > Variables > Minimum role to use pipeline variables).'
  }
  return ''
}
