import { getOctokit } from '@actions/github'
import type { RenderedGithubMethod } from '@port-dispatch/core/action'
import type { Http } from '@port-dispatch/core/http'
import { githubExternalRunId, githubOutcome } from '@port-dispatch/core/run'
import type { Backend, CiRun, FailedJob, Plan, RunState } from './backend.ts'
import { BackendError } from './backend-error.ts'
import { claimRun } from './claims.ts'
import { githubInputs } from './github-inputs.ts'
import { type GithubTarget, githubError } from './github-refusal.ts'
import { httpFetch } from './http-fetch.ts'

export interface GithubOptions {
  http: Http
  token: string
  /** Default `https://api.github.com`. */
  apiUrl?: string | undefined
}

const DEFAULT_API_URL = 'https://api.github.com'
/** A request with its repetitions; the answer of a dispatch is waited for as long as one request may take. */
const TIME_LIMIT_MS = 60_000
/** How long a run that the server did not name is looked for. */
const SEARCH_MS = 60_000
const SEARCH_INTERVAL_MS = 1_000
/** GitHub's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 10_000

type Octokit = ReturnType<typeof getOctokit>

/** Dispatches a workflow by `POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches`. */
export class GithubBackend implements Backend {
  readonly name = 'GitHub'
  readonly canRead = true
  readonly #http: Http
  readonly #octokit: Octokit
  readonly #apiUrl: string
  readonly #method: RenderedGithubMethod
  readonly #target: GithubTarget

  constructor(method: RenderedGithubMethod, { http, token, apiUrl }: GithubOptions) {
    this.#http = http
    this.#method = method
    this.#apiUrl = (apiUrl ?? DEFAULT_API_URL).replace(/\/+$/, '')
    this.#target = { owner: method.org, repo: method.repo, workflow: method.workflow }
    this.#octokit = getOctokit(token, {
      baseUrl: this.#apiUrl,
      request: { fetch: httpFetch(http, { timeLimit: TIME_LIMIT_MS }) },
    })
  }

  async plan(): Promise<Plan> {
    const { owner, repo, workflow } = this.#target
    const { ref: chosen, inputs } = githubInputs(this.#method.workflowInputs)
    const ref = chosen ?? (await this.#defaultBranch())
    this.#target.ref = ref
    return {
      target: `${owner}/${repo}/${workflow}`,
      ref,
      values: inputs,
      page: `${webUrl(this.#apiUrl)}/${owner}/${repo}/actions/workflows/${workflow}`,
    }
  }

  async start(plan: Plan): Promise<CiRun> {
    const since = this.#http.clock.now()
    const { owner, repo, workflow } = this.#target
    const what = `start ${plan.target} on ${plan.ref}`
    const { data } = await this.#ask(what, () =>
      this.#octokit.request(
        'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
        {
          owner,
          repo,
          workflow_id: workflow,
          ref: plan.ref,
          inputs: { ...plan.values },
          return_run_details: true,
        },
      ),
    )
    const run = runDetails(data)
    if (run) return claimRun(run) ? run : await this.#find(plan, since)
    return await this.#find(plan, since)
  }

  async read(run: CiRun): Promise<RunState> {
    const { owner, repo } = this.#target
    const { data } = await this.#ask(`read the run ${run.id} of ${owner}/${repo}`, () =>
      this.#octokit.rest.actions.getWorkflowRun({
        owner,
        repo,
        run_id: run.id,
      }),
    )
    const { status, conclusion, html_url: url, repository } = data
    return {
      status: status ?? 'unknown',
      ...(conclusion && { conclusion }),
      ...(status === 'completed' && { outcome: githubOutcome(conclusion ?? 'unknown') }),
      ...(status === 'waiting' && { waitsForPerson: true }),
      url,
      externalRunId: githubExternalRunId({
        ownerId: repository.owner.id,
        repositoryId: repository.id,
        workflowRunId: run.id,
      }),
    }
  }

  async failedJobs(run: CiRun): Promise<FailedJob[]> {
    const { owner, repo } = this.#target
    const { data } = await this.#ask(`list the jobs of run ${run.id}`, () =>
      this.#octokit.rest.actions.listJobsForWorkflowRun({
        owner,
        repo,
        run_id: run.id,
        per_page: 100,
      }),
    )
    return data.jobs
      .filter(({ conclusion }) => conclusion !== null && isFailure(conclusion))
      .map(({ name, html_url: url, steps }) => {
        const step = steps?.find(({ conclusion }) => conclusion && isFailure(conclusion))?.name
        return { name, ...(step && { step }), ...(url && { url }) }
      })
  }

  async cancel(run: CiRun): Promise<void> {
    const { owner, repo } = this.#target
    try {
      await this.#ask(`cancel the run ${run.id}`, () =>
        this.#octokit.rest.actions.cancelWorkflowRun({ owner, repo, run_id: run.id }),
      )
    } catch (error) {
      // 409: the run has ended.
      if (!(error instanceof BackendError && error.status === 409)) throw error
    }
  }

  async #defaultBranch(): Promise<string> {
    const { owner, repo } = this.#target
    const { data } = await this.#ask(`read the default branch of ${owner}/${repo}`, () =>
      this.#octokit.rest.repos.get({ owner, repo }),
    )
    return data.default_branch
  }

  /** Finds the run of a dispatch whose answer did not name it (GitHub Enterprise Server). */
  async #find(plan: Plan, since: number): Promise<CiRun> {
    const { owner, repo, workflow } = this.#target
    const deadline = this.#http.clock.now() + SEARCH_MS
    do {
      const { data } = await this.#ask(`list the runs of ${plan.target}`, () =>
        this.#octokit.rest.actions.listWorkflowRuns({
          owner,
          repo,
          workflow_id: workflow,
          event: 'workflow_dispatch',
          branch: plan.ref,
          created: `>=${new Date(since - CLOCK_SKEW_MS).toISOString()}`,
          per_page: 100,
        }),
      )
      // The oldest first: dispatches are answered in the order in which they were sent.
      const run = data.workflow_runs
        .map(({ id, html_url: url }) => ({ id, url }))
        .sort((a, b) => a.id - b.id)
        .find(claimRun)
      if (run) return run
      await this.#http.clock.sleep(SEARCH_INTERVAL_MS)
    } while (this.#http.clock.now() < deadline)
    throw new BackendError(
      `GitHub accepted the dispatch of ${plan.target} on ${plan.ref}, but the run did not appear within ${SEARCH_MS / 1000} s. Look for it at ${plan.page}.`,
      { effect: 'unknown' },
    )
  }

  async #ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw githubError(what, this.#target, error)
    }
  }
}

/** What the dispatch's answer says of the run; nothing if the server does not say (GitHub Enterprise Server: 204). */
function runDetails(data: unknown): CiRun | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { workflow_run_id: id, html_url: url } = data as {
    workflow_run_id?: unknown
    html_url?: unknown
  }
  return typeof id === 'number' && typeof url === 'string' ? { id, url } : undefined
}

function isFailure(conclusion: string): boolean {
  return githubOutcome(conclusion).status === 'FAILURE'
}

/** `https://api.github.com` -> `https://github.com`, `https://ghe.example.com/api/v3` -> `https://ghe.example.com`. */
function webUrl(apiUrl: string): string {
  return apiUrl.replace(/\/api\/v3$/, '').replace('//api.', '//')
}
