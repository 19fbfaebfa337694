import { getOctokit } from '@actions/github'
import type { RenderedGithubMethod } from '@port-dispatch/core/action'
import type { Http } from '@port-dispatch/core/http'
import type { Backend, CiRun, FailedJob, Plan, RunState, Started, StartWindow } from '../backend.ts'
import { BackendError } from '../backend-error.ts'
import {
  runsWithin,
  toCiRun,
  toFailedJobs,
  toRunState,
  toStartedRun,
  type WorkflowRun,
} from './answers.ts'
import { httpFetch } from './http-fetch.ts'
import { githubInputs } from './inputs.ts'
import { type GithubTarget, githubError } from './refusal.ts'
import { RepositoryWatch } from './repository-watch.ts'

export interface GithubOptions {
  http: Http
  token: string
  /** Default `https://api.github.com`. */
  apiUrl?: string | undefined
}

const DEFAULT_API_URL = 'https://api.github.com'
/** A request with its repetitions; the answer of a dispatch is waited for as long as one request may take. */
const TIME_LIMIT_MS = 60_000
const REQUEST_LIMIT_MS = 10_000
const LIST_LAG_MS = 10_000
/** Our clock may differ from GitHub's by this much before runs are missed. */
const MAX_CLOCK_SKEW_MS = 600_000
/** Servers that have named the run of a dispatch in their answer. */
const namesRuns = new Set<string>()
/** Servers that refuse to be asked for it. */
const refusesDetails = new Set<string>()
/** By server and repository. */
const watches = new Map<string, RepositoryWatch<WorkflowRun>>()

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

  get namesRuns(): boolean {
    return namesRuns.has(this.#apiUrl)
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

  async start(plan: Plan): Promise<Started> {
    const server = this.#apiUrl
    if (refusesDetails.has(server)) return await this.#post(plan, {})
    try {
      return await this.#post(plan, { return_run_details: true })
    } catch (error) {
      // Older servers do not ignore a key that they do not know, and have started nothing.
      if (!(error instanceof BackendError && error.status === 422)) throw error
      if (!error.message.includes('return_run_details')) throw error
      refusesDetails.add(server)
      return await this.#post(plan, {})
    }
  }

  async findStarted(plan: Plan, window: StartWindow): Promise<CiRun[]> {
    const { data, headers } = await this.#ask(`list the runs of ${plan.target}`, () =>
      this.#octokit.rest.actions.listWorkflowRuns({
        ...this.#place,
        workflow_id: this.#target.workflow,
        event: 'workflow_dispatch',
        branch: plan.ref.replace(/^refs\/(heads|tags)\//, ''),
        created: `>=${toSecond(window.since - MAX_CLOCK_SKEW_MS)}`,
        per_page: 100,
      }),
    )
    const ahead = Date.parse(headers.date ?? '') - this.#http.clock.now() || 0
    return runsWithin(data.workflow_runs, window, ahead).map(toCiRun)
  }

  /** GitHub ends a request of its API after 10 s; its lists lag behind by some seconds. */
  appearsWithin(): number {
    return REQUEST_LIMIT_MS + LIST_LAG_MS
  }

  async read({ id }: CiRun): Promise<RunState> {
    const state = toRunState(await this.#watch.read(id))
    if (state.outcome) this.#watch.forget(id)
    return state
  }

  async failedJobs({ id }: CiRun): Promise<FailedJob[]> {
    const { data } = await this.#ask(`list the jobs of run ${id}`, () =>
      this.#octokit.rest.actions.listJobsForWorkflowRun({
        ...this.#place,
        run_id: id,
        per_page: 100,
      }),
    )
    return toFailedJobs(data.jobs)
  }

  async cancel({ id }: CiRun): Promise<void> {
    try {
      await this.#ask(`cancel the run ${id}`, () =>
        this.#octokit.rest.actions.cancelWorkflowRun({ ...this.#place, run_id: id }),
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

  async #post(plan: Plan, details: { return_run_details?: true }): Promise<Started> {
    const { data } = await this.#ask(`start ${plan.target} on ${plan.ref}`, () =>
      this.#octokit.request(
        'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
        {
          ...this.#place,
          workflow_id: this.#target.workflow,
          ref: plan.ref,
          inputs: { ...plan.values },
          ...details,
        },
      ),
    )
    const run = toStartedRun(data)
    if (!run) return { type: 'unnamed' }
    namesRuns.add(this.#apiUrl)
    return { type: 'named', run }
  }

  /** All who follow runs of the repository share one watch. */
  get #watch(): RepositoryWatch<WorkflowRun> {
    const { owner, repo } = this.#target
    const key = `${this.#apiUrl} ${owner}/${repo}`
    const known = watches.get(key)
    if (known) return known
    const watch = new RepositoryWatch<WorkflowRun>({
      clock: this.#http.clock,
      get: (id) => this.#getRun(id),
      list: (page) => this.#listRuns(page),
    })
    watches.set(key, watch)
    return watch
  }

  async #getRun(id: number): Promise<WorkflowRun> {
    const { owner, repo } = this.#target
    const { data } = await this.#ask(`read the run ${id} of ${owner}/${repo}`, () =>
      this.#octokit.rest.actions.getWorkflowRun({ owner, repo, run_id: id }),
    )
    return data
  }

  async #listRuns(page: number): Promise<WorkflowRun[]> {
    const { owner, repo } = this.#target
    const { data } = await this.#ask(`list the runs of ${owner}/${repo}`, () =>
      this.#octokit.rest.actions.listWorkflowRunsForRepo({
        owner,
        repo,
        event: 'workflow_dispatch',
        per_page: 100,
        page,
      }),
    )
    return data.workflow_runs
  }

  get #place(): { owner: string; repo: string } {
    return { owner: this.#target.owner, repo: this.#target.repo }
  }

  async #ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw githubError(what, this.#target, error, this.#http.clock.now())
    }
  }
}

/** GitHub's search takes times without fractions. */
function toSecond(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** `https://api.github.com` -> `https://github.com`, `https://ghe.example.com/api/v3` -> `https://ghe.example.com`. */
function webUrl(apiUrl: string): string {
  return apiUrl.replace(/\/api\/v3$/, '').replace('//api.', '//')
}
