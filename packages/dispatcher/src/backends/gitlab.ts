import { Jobs, Pipelines } from '@gitbeaker/rest'
import type { RenderedGitlabMethod } from '@port-dispatch/core/action'
import type { Http } from '@port-dispatch/core/http'
import { gitlabExternalRunId, gitlabOutcome } from '@port-dispatch/core/run'
import type { Backend, CiRun, FailedJob, Plan, RunState } from './backend.ts'
import { BackendError } from './backend-error.ts'
import { type GitlabAuthorization, gitlabError } from './gitlab-refusal.ts'
import { gitlabRequester } from './gitlab-requester.ts'
import { gitlabVariables } from './gitlab-variables.ts'

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

/** What is read of the answer that names a new pipeline. */
type StartedPipeline = { id?: unknown; project_id?: unknown; web_url?: unknown }

/** Starts a pipeline by its trigger API, or by the pipeline API where only an access token is given. */
export class GitlabBackend implements Backend {
  readonly name = 'GitLab'
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

  async start(plan: Plan): Promise<CiRun> {
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
    if (typeof id !== 'number' || typeof url !== 'string') {
      throw new BackendError(
        `GitLab's answer does not name the pipeline of ${plan.target} that it started. Look for it at ${plan.page}.`,
        { effect: 'unknown' },
      )
    }
    return {
      id,
      url,
      ...(typeof projectId === 'number' && {
        externalRunId: gitlabExternalRunId({ projectId, pipelineId: id }),
      }),
    }
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
