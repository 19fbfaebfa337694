import { requestedDelay } from '@port-dispatch/core/http'
import { BackendError } from '../backend-error.ts'
import { transportErrorIn } from './http-fetch.ts'

/** Where a request was aimed, for the advice in an error message. */
export interface GithubTarget {
  owner: string
  repo: string
  workflow: string
  ref?: string
}

/** For a limit that does not say when it ends; GitHub asks for a minute. */
const DEFAULT_PAUSE_MS = 60_000

/**
 * Explains why GitHub did not do what was asked.
 *
 * @param what was asked, as a clause: `start acme/services/deploy.yml`
 * @param now milliseconds since the epoch
 */
export function githubError(
  what: string,
  target: GithubTarget,
  error: unknown,
  now: number,
): BackendError {
  const transport = transportErrorIn(error)
  if (transport) {
    return new BackendError(`GitHub could not be asked to ${what}: ${transport.message}.`, {
      effect: transport.effect,
      cause: transport,
    })
  }
  const { status, said, headers } = answerOf(error)
  if (status === undefined) throw error
  if (status >= 500) {
    return new BackendError(`GitHub failed to ${what}: ${status} ${said}.`, {
      effect: 'unknown',
      status,
    })
  }
  const advice = adviceFor(status, said, target)
  return new BackendError(
    `GitHub refused to ${what}: ${status} ${said}.${advice && ` ${advice}`}`,
    {
      status,
      retryAfter: isLimit(status, said)
        ? (requestedDelay(headers, now) ?? DEFAULT_PAUSE_MS)
        : undefined,
    },
  )
}

interface Answer {
  status?: number
  said: string
  headers?: Headers
}

function answerOf(error: unknown): Answer {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') {
    return { said: '' }
  }
  // Octokit adds the address of a documentation page to GitHub's own words; other servers answer whole pages.
  const said = error.message.split(' - http', 1)[0] ?? ''
  const isPage = said.trimStart().startsWith('<')
  return {
    status: error.status,
    said: isPage ? 'with a page instead of an answer' : said.replace(/\.$/, ''),
    headers: headersOf(error),
  }
}

/** An octokit error carries the answer, with its headers as an object. */
function headersOf(error: Error & { response?: { headers?: Record<string, unknown> } }): Headers {
  const entries = Object.entries(error.response?.headers ?? {})
  return new Headers(entries.map(([name, value]): [string, string] => [name, String(value)]))
}

function isLimit(status: number, said: string): boolean {
  return status === 429 || (status === 403 && /rate limit/i.test(said))
}

function adviceFor(status: number, said: string, target: GithubTarget): string {
  const { owner, repo, workflow, ref } = target
  if (status === 401) return 'Check GITHUB_TOKEN: it is wrong or has expired.'
  if (status === 403) {
    return isLimit(status, said)
      ? 'Try again when the limit is reset, or use a token of another user or app.'
      : `GITHUB_TOKEN needs write access to Actions of ${owner}/${repo}.`
  }
  if (status === 404) {
    return `Check that ${owner}/${repo} exists, that it has the workflow ${workflow} on its default branch, and that GITHUB_TOKEN can read it: GitHub answers 404 for private repositories that a token cannot see.`
  }
  if (status !== 422) return ''
  if (/^No ref found/i.test(said))
    return `Check that ${owner}/${repo} has a branch or tag ${ref ?? ''}.`
  if (/workflow_dispatch/.test(said)) {
    return `Add "workflow_dispatch" to the "on:" of ${workflow} on ${ref ?? 'the default branch'}.`
  }
  if (/^Unexpected inputs/i.test(said)) {
    return `Declare them under "on.workflow_dispatch.inputs" of ${workflow}, or take them out of "workflowInputs".`
  }
  if (/not provided|required/i.test(said)) {
    return `Add what is missing to "workflowInputs", or give it a default in ${workflow}.`
  }
  return `Compare "workflowInputs" with "on.workflow_dispatch.inputs" of ${workflow}.`
}
