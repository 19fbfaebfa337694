import type { DispatchableGithubMethod } from '@port-dispatch/core/action'
import type { Plan, Started } from '../backend.ts'
import { BackendError } from '../backend-error.ts'
import { plainHttpWarnings } from '../plain-http.ts'
import { parseStarted } from './answers.ts'
import type { GithubClient } from './client.ts'
import { githubInputs } from './inputs.ts'
import type { GithubTarget } from './refusal.ts'
import { GithubRuns } from './runs.ts'

/**
 * Plans a dispatch of a workflow (`POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches`). Reads the
 * default branch if the payload names no ref.
 *
 * @throws InputError if the inputs cannot be sent, BackendError if GitHub does not show the repository
 */
export async function planGithub(
  method: DispatchableGithubMethod,
  client: GithubClient,
  signal?: AbortSignal,
): Promise<Plan> {
  const { org: owner, repo, workflow } = method
  const { values: inputs, notes } = githubInputs(method.workflowInputs)
  const ref = method.ref ?? (await defaultBranch(client, owner, repo, signal))
  const target: GithubTarget & { workflow: string; ref: string } = { owner, repo, workflow, ref }
  return {
    type: 'GITHUB',
    backend: 'GitHub',
    target: `${owner}/${repo}/${workflow}`,
    ref,
    preview: { ref, inputs },
    notes,
    warnings: plainHttpWarnings('GitHub', client.apiUrl),
    endsPortRun: method.reportWorkflowStatus,
    page: `${webUrl(client.apiUrl)}/${owner}/${repo}/actions/workflows/${encodeURIComponent(workflow)}`,
    start: (startSignal) => start(client, target, inputs, startSignal),
    runs: new GithubRuns(client, target),
  }
}

async function defaultBranch(
  client: GithubClient,
  owner: string,
  repo: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return await client.call({
    what: `read the default branch of ${owner}/${repo}`,
    target: { owner, repo },
    signal,
    send: (octokit, request) =>
      octokit.request('GET /repos/{owner}/{repo}', { owner, repo, request }),
    parse: (data) => {
      const { default_branch: branch } = (data ?? {}) as { default_branch?: unknown }
      return typeof branch === 'string' && branch !== '' ? branch : undefined
    },
  })
}

async function start(
  client: GithubClient,
  target: GithubTarget & { workflow: string; ref: string },
  inputs: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Started> {
  if (client.refusesDetails) return await post(client, target, inputs, {}, signal)
  try {
    return await post(client, target, inputs, { return_run_details: true }, signal)
  } catch (error) {
    // GitHub Enterprise Server up to 3.19 refuses a key that it does not know, and has started nothing.
    if (!(error instanceof BackendError && error.status === 422)) throw error
    if (!error.message.includes('return_run_details')) throw error
    client.refusesDetails = true
    return await post(client, target, inputs, {}, signal)
  }
}

async function post(
  client: GithubClient,
  target: GithubTarget & { workflow: string; ref: string },
  inputs: Readonly<Record<string, string>>,
  details: { return_run_details?: true },
  signal: AbortSignal | undefined,
): Promise<Started> {
  const { owner, repo, workflow, ref } = target
  // Gitea (whose API is version 1) reads return_run_details from the query only, which GitHub does not document.
  const isGitea = client.apiUrl.endsWith('/api/v1')
  const query = isGitea && details.return_run_details ? '?return_run_details=true' : ''
  return await client.call<Started>({
    what: `start ${owner}/${repo}/${workflow} on ${ref}`,
    target,
    starts: true,
    signal,
    send: (octokit, request) =>
      octokit.request(
        `POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches${query}`,
        { owner, repo, workflow_id: workflow, ref, inputs: { ...inputs }, ...details, request },
      ),
    parse: (data, { status }) => {
      if (status === 204) return { type: 'unnamed' }
      const run = parseStarted(data)
      const url = `${webUrl(client.apiUrl)}/${owner}/${repo}/actions/runs/${run?.id}`
      return run && { type: 'run', run: { url, ...run } }
    },
  })
}

/** `https://api.github.com` -> `https://github.com`, `https://ghe.example.com/api/v3` -> `https://ghe.example.com`. */
function webUrl(apiUrl: string): string {
  return apiUrl.replace(/\/api\/v\d+$/, '').replace('//api.', '//')
}
