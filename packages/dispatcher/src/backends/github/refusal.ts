import { type Phrase, phrase, setting } from '@port-dispatch/core'
import { type HttpHeaders, httpHeaders, requestedDelay } from '@port-dispatch/core/http'
import { BackendError, transportErrorIn } from '../backend-error.ts'

/** Where a request was aimed, for the advice in an error message. */
export interface GithubTarget {
  owner: string
  repo: string
  /** Missing where only the repository is meant. */
  workflow?: string
  ref?: string
}

/** For a limit that does not say when it ends; GitHub asks for a minute. */
const DEFAULT_PAUSE_MS = 60_000

/**
 * Explains why GitHub did not do what was requested.
 *
 * @param what was requested, as a clause: `start acme/services/deploy.yml`
 * @param starts whether the request starts something, so that its failure can have had an effect
 * @param now milliseconds since the epoch
 */
export function githubError(
  what: string,
  target: GithubTarget,
  starts: boolean,
  error: unknown,
  now: number,
): BackendError {
  if (error instanceof BackendError) return error
  const transport = transportErrorIn(error)
  if (transport) {
    return new BackendError(`Could not reach GitHub to ${what}: ${transport.message}.`, {
      effect: starts ? transport.effect : 'none',
      cause: transport,
    })
  }
  const response = responseOf(error)
  if (!response) throw error
  const { status, said, headers } = response
  // After 408 the request may be under way behind what gave it up.
  if (status >= 500 || status === 408) {
    return new BackendError(`GitHub failed to ${what}: ${status} ${said}.`, {
      effect: starts ? 'unknown' : 'none',
      status,
    })
  }
  return new BackendError(`GitHub refused to ${what}: ${status} ${said}.`, {
    status,
    advice: adviceFor(status, said, target),
    retryAfter: isLimit(status, said, headers)
      ? (requestedDelay(headers, now) ?? DEFAULT_PAUSE_MS)
      : undefined,
  })
}

/** A response with a success status that is not what GitHub sends: a lost answer. */
export function unreadable(what: string, starts: boolean): BackendError {
  return new BackendError(
    `GitHub's response to the request to ${what} cannot be read: it is not what GitHub sends.`,
    { effect: starts ? 'unknown' : 'none' },
  )
}

interface Response {
  status: number
  said: string
  headers: HttpHeaders
}

function responseOf(error: unknown): Response | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') {
    return undefined
  }
  // Octokit adds the address of a documentation page to GitHub's own words; other servers send whole pages.
  const said = (error.message.split(' - http', 1)[0] ?? '').trim()
  return {
    status: error.status,
    said: said.startsWith('<') ? 'with an HTML page' : said.replace(/\.$/, ''),
    headers: headersOf(error),
  }
}

/** An octokit error carries the response, with its headers as an object. */
function headersOf(
  error: Error & { response?: { headers?: Record<string, unknown> } },
): HttpHeaders {
  const entries = Object.entries(error.response?.headers ?? {})
  return httpHeaders(entries.map(([name, value]): [string, string] => [name, String(value)]))
}

function isLimit(status: number, said: string, headers: HttpHeaders): boolean {
  if (status === 429) return true
  return (
    status === 403 &&
    (/rate limit/i.test(said) ||
      headers.has('retry-after') ||
      headers.get('x-ratelimit-remaining') === '0')
  )
}

const COMMIT_SHA = /^[0-9a-f]{40}$/i

/** Advice for messages that are known. GitHub's own words are never contradicted; what is not known gets none. */
function adviceFor(status: number, said: string, target: GithubTarget): Phrase | undefined {
  const { owner, repo, ref } = target
  const { workflow = 'the workflow' } = target
  const token = setting('github.token')
  if (status === 401) return phrase`Check ${token}: it is not valid, or it has expired.`
  if (status === 429 || /rate limit/i.test(said)) {
    return 'Try again when the limit is reset, or use a token of another user or app.'
  }
  if (status === 403 && /^(Resource not accessible|Must have)/i.test(said)) {
    return phrase`${token} needs write access to Actions of ${owner}/${repo}.`
  }
  if (status === 404 && /^Not Found$/i.test(said)) {
    if (target.workflow === undefined) {
      return phrase`Check that ${owner}/${repo} exists, and that ${token} can read it: GitHub responds with 404 for private repositories that a token cannot see.`
    }
    if (!/^\d+$|\.ya?ml$/i.test(workflow)) {
      return `Give "workflow" as the name of a file in .github/workflows, such as deploy.yml, or as an ID: GitHub does not find workflows by their display name or path.`
    }
    return phrase`Check that ${owner}/${repo} exists, that it has the workflow ${workflow} on its default branch, and that ${token} can read it: GitHub responds with 404 for private repositories that a token cannot see.`
  }
  if (status !== 422) return undefined
  if (/^No ref found/i.test(said)) {
    return COMMIT_SHA.test(ref ?? '')
      ? 'A workflow can be dispatched on a branch or tag only, not on a commit SHA.'
      : `Check that ${owner}/${repo} has a branch or tag ${ref ?? ''}.`
  }
  if (/disabled workflow/i.test(said)) {
    return `Enable ${workflow} under Actions in ${owner}/${repo}.`
  }
  if (/does not have '?"?workflow_dispatch/i.test(said)) {
    return `Add "workflow_dispatch" to the "on:" of ${workflow} on ${ref ?? 'the default branch'}.`
  }
  if (/^failed to parse workflow/i.test(said)) {
    return `Fix ${workflow} on ${ref ?? 'the default branch'}.`
  }
  if (/^Unexpected inputs/i.test(said)) {
    return `Declare them under "on.workflow_dispatch.inputs" of ${workflow}, or remove them from "workflowInputs".`
  }
  if (/^Required input '?ref'? not provided/i.test(said)) {
    return `In "workflowInputs", "ref" names the branch or tag and is not sent as an input: rename the input "ref" of ${workflow}.`
  }
  if (/^Required input .* not provided/i.test(said)) {
    return `Add it to "workflowInputs", or give it a default in ${workflow}.`
  }
  if (/not in the list of allowed values/i.test(said)) {
    return `Compare the options of the input in ${workflow} with the values that the action can send.`
  }
  return undefined
}
