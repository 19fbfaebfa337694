import { Jobs, Pipelines } from '@gitbeaker/rest'
import type { RenderedGitlabMethod } from '@port-dispatch/core/action'
import type { Http } from '@port-dispatch/core/http'
import { gitlabExternalRunId, gitlabOutcome } from '@port-dispatch/core/run'
import type { Backend, CiRun, FailedJob, Plan, RunState, Started, StartWindow } from '../backend.ts'
import type { BackendError } from '../backend-error.ts'
import { type GitlabAuthorization, gitlabError } from './refusal.ts'
import { gitlabRequester } from './requester.ts'
import { gitlabVariables } from './variables.ts'

export interface GitlabOptions {
  http: Http
  /** Default `https://gitlab.com`. */
  url?: string | undefined
  /** A token that can read, and without a trigger token also start, pipelines. */
  token?: string | undefined
  /** A pipeline trigger token of the project. It can start pipelines and nothing else. */
  triggerToken?: string | undefined
  /** The user input `ref`, which goes before `defaultRef`. */
  ref?: string | undefined
}

const DEFAULT_URL = 'https://gitlab.com'
const TIME_LIMIT_MS = 60_000
/** How many pipelines are looked at when one is searched. */
const MAX_CANDIDATES = 20
/** GitLab's clock and ours may differ by this much. */
const CLOCK_SKEW_MS = 300_000
const AFTER_ERROR_MS = 5_000
/** GitLab ends a request of its API after 60 s; the pipeline then exists or never will. */
const WORKER_TIMEOUT_MS = 65_000

/** What is read of the answer that names a new pipeline. */
type StartedPipeline = { id?: unknown; project_id?: unknown; web_url?: unknown }

/** Starts a pipeline by its trigger API, or by the pipeline API where only an access token is given. */
export class GitlabBackend implements Backend {
  readonly name = 'GitLab'
  readonly namesRuns = true
  readonly #method: RenderedGitlabMethod
  readonly #project: string
  readonly #url: string
  readonly #ref: string
  readonly #pipelines: Pipelines
  readonly #jobs: Jobs
  readonly #triggerToken: string | undefined
  /** Whether {@link read} can work: a trigger token alone cannot read. */
  readonly canRead: boolean

  constructor(method: RenderedGitlabMethod, options: GitlabOptions) {
    const { http, token, triggerToken } = options
    this.#method = method
    this.#project = `${method.groupName}/${method.projectName}`
    this.#url = (options.url ?? DEFAULT_URL).replace(/\/+$/, '')
    this.#ref = options.ref || method.defaultRef
    this.#triggerToken = triggerToken
    this.canRead = token !== undefined
    const resource = {
      host: this.#url,
      ...(token !== undefined && { token }),
      queryTimeout: null,
      requesterFn: gitlabRequester(http, { timeLimit: TIME_LIMIT_MS }),
    }
    this.#pipelines = new Pipelines(resource)
    this.#jobs = new Jobs(resource)
  }

  async plan(): Promise<Plan> {
    return {
      target: this.#project,
      ref: this.#ref,
      values: gitlabVariables(this.#method.pipelineVariables),
      page: `${this.#url}/${this.#project}/-/pipelines`,
    }
  }

  async start(plan: Plan): Promise<Started> {
    const authorization = this.#triggerToken === undefined ? 'access-token' : 'trigger-token'
    const {
      id,
      web_url: url,
      project_id: projectId,
    } = await this.#ask(
      `start a pipeline of ${plan.target} on ${plan.ref}`,
      () => this.#post(plan),
      authorization,
    )
    if (typeof id !== 'number' || typeof url !== 'string') return { type: 'unnamed' }
    const externalRunId =
      typeof projectId === 'number' && gitlabExternalRunId({ projectId, pipelineId: id })
    return { type: 'named', run: { id, url, ...(externalRunId && { externalRunId }) } }
  }

  /** Pipelines of the ref, created since, whose variables carry the Port run id. */
  async findStarted(plan: Plan, { since, runId }: StartWindow): Promise<CiRun[] | undefined> {
    if (!this.canRead || runId === undefined) return undefined
    if (!Object.values(plan.values).some((value) => value.includes(runId))) return undefined
    const pipelines = await this.#ask(`list the pipelines of ${plan.target}`, () =>
      this.#pipelines.all(this.#project, { ref: plan.ref, perPage: MAX_CANDIDATES, page: 1 }),
    )
    const recent = pipelines.filter(
      ({ created_at }) => Date.parse(created_at) >= since - CLOCK_SKEW_MS,
    )
    const found: CiRun[] = []
    for (const { id, web_url: url, project_id: projectId } of recent) {
      const variables = await this.#ask(`read the variables of pipeline ${id}`, () =>
        this.#pipelines.allVariables(this.#project, id),
      )
      if (variables.some(({ key, value }) => plan.values[key] === value && value.includes(runId))) {
        found.push({ id, url, externalRunId: gitlabExternalRunId({ projectId, pipelineId: id }) })
      }
    }
    return found
  }

  /** A 500 ends a request; other failures may come from a proxy while GitLab still works, for a minute at most. */
  appearsWithin(failure: BackendError | undefined): number {
    return failure?.status === 500 ? AFTER_ERROR_MS : WORKER_TIMEOUT_MS
  }

  async read(run: CiRun): Promise<RunState> {
    const pipeline = await this.#ask(`read the pipeline ${run.id} of ${this.#project}`, () =>
      this.#pipelines.show(this.#project, run.id),
    )
    const { status, web_url: url, project_id: projectId } = pipeline
    const outcome = gitlabOutcome(status)
    return {
      status,
      ...(outcome && { outcome, conclusion: status }),
      ...(status === 'manual' && { waitsForPerson: true }),
      url,
      externalRunId: gitlabExternalRunId({ projectId, pipelineId: run.id }),
    }
  }

  async failedJobs(run: CiRun): Promise<FailedJob[]> {
    const jobs = await this.#ask(`list the jobs of pipeline ${run.id}`, () =>
      this.#jobs.all(this.#project, { pipelineId: run.id, scope: 'failed', perPage: 100 }),
    )
    return jobs
      .filter(({ allow_failure }) => !allow_failure)
      .map(({ name, web_url: url }) => ({ name, url }))
  }

  async cancel(run: CiRun): Promise<void> {
    await this.#ask(`cancel the pipeline ${run.id}`, () =>
      this.#pipelines.cancel(this.#project, run.id),
    )
  }

  async #post({ ref, values }: Plan): Promise<StartedPipeline> {
    if (this.#triggerToken === undefined) {
      const variables = Object.entries(values).map(([key, value]) => ({
        key,
        value,
        variable_type: 'env_var' as const,
      }))
      return await this.#pipelines.create(this.#project, ref, { variables })
    }
    // PipelineTriggerTokens.trigger puts the token into the URL, and lets an & in a value begin another field.
    const { body } = await this.#pipelines.requester.post<StartedPipeline>(
      `projects/${encodeURIComponent(this.#project)}/trigger/pipeline`,
      { body: { token: this.#triggerToken, ref, variables: values } },
    )
    return body
  }

  async #ask<T>(
    what: string,
    request: () => Promise<T>,
    authorization: GitlabAuthorization = 'access-token',
  ): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw gitlabError(what, this.#project, authorization, error)
    }
  }
}
