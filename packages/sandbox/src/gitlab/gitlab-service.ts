import type { Hono } from 'hono'
import { answerOf, json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { GitLabDefinition, ProjectDefinition } from '../definition/definition.ts'
import { GitLabAccess } from './access.ts'
import { paginate, selectPipelines } from './list-pipelines.ts'
import { checkPipeline, listedVariables, parametersOf, triggerVariables } from './new-pipeline.ts'
import { jobJson, pipelineBasicJson, pipelineJson } from './pipeline-json.ts'
import { type NewPipeline, type Pipeline, Pipelines } from './pipeline-store.ts'
import { projectJson } from './project-json.ts'
import { refuse, refuseParameters } from './refuse.ts'

interface RouteContext {
  req: { raw: Request; param: (name: string) => string | undefined }
}

/** GitLab's API under `/api/v4`: pipelines, their jobs and variables. */
export class GitLabService {
  readonly pipelines: Pipelines
  readonly projects: readonly ProjectDefinition[]
  readonly #context: Context
  readonly #access: GitLabAccess

  constructor(definition: GitLabDefinition, context: Context) {
    this.#context = context
    this.#access = new GitLabAccess(definition)
    this.projects = definition.projects
    this.pipelines = new Pipelines(context)
  }

  addTo(app: Hono): void {
    const base = '/api/v4/projects/:id'

    app.get(
      base,
      this.#handler('read', (project) => json(200, projectJson(this.#context.origin, project))),
    )
    app.post(`${base}/trigger/pipeline`, ({ req }) =>
      answerOf(() => this.#trigger(req.param('id'), req.raw)),
    )
    app.post(
      `${base}/pipeline`,
      this.#handler('write', async (project, _, request) => {
        const { ref, variables, inputs } = await parametersOf(request)
        if (typeof ref !== 'string' || ref === '') return refuseParameters('ref is missing')
        const given = { ref, inputs, variables: listedVariables(variables) }
        return this.#create(project, checkPipeline(project, given, 'api'))
      }),
    )
    app.get(
      `${base}/pipelines`,
      this.#handler('read', (project, _, request) => this.#list(project, request)),
    )
    app.get(
      `${base}/pipelines/:pipeline`,
      this.#handler('read', (project, param) => this.#show(this.#pipeline(project, param))),
    )
    app.get(
      `${base}/pipelines/:pipeline/jobs`,
      this.#handler('read', (project, param, request) =>
        this.#jobs(this.#pipeline(project, param), new URL(request.url)),
      ),
    )
    // Trigger jobs, which pipelines of the sandbox do not have.
    app.get(
      `${base}/pipelines/:pipeline/bridges`,
      this.#handler('read', (project, param) => {
        this.#pipeline(project, param)
        return json(200, [])
      }),
    )
    app.get(
      `${base}/pipelines/:pipeline/variables`,
      this.#handler('read', (project, param) => {
        const { variables } = this.#pipeline(project, param)
        return json(
          200,
          variables.map((variable) => ({ ...variable, raw: false })),
        )
      }),
    )
    app.post(
      `${base}/pipelines/:pipeline/cancel`,
      this.#handler('write', (project, param) => {
        const pipeline = this.#pipeline(project, param)
        this.pipelines.cancel(pipeline)
        return this.#show(pipeline)
      }),
    )
  }

  #handler(
    needs: 'read' | 'write',
    handle: (
      project: ProjectDefinition,
      param: (name: string) => string,
      request: Request,
    ) => Response | Promise<Response>,
  ) {
    return ({ req }: RouteContext) =>
      answerOf(() => {
        const param = (name: string) => req.param(name) ?? ''
        return handle(this.#access.authorize(req.raw, param('id'), needs), param, req.raw)
      })
  }

  async #trigger(idOrPath: string, request: Request): Promise<Response> {
    const parameters = await parametersOf(request)
    const missing = ['ref', 'token'].filter((name) => (parameters[name] ?? '') === '')
    if (missing.length > 0) refuseParameters(missing.map((name) => `${name} is missing`).join(', '))
    const { ref, token, variables, inputs } = parameters
    const given = triggerVariables(variables, { id: idOrPath, ...parameters })
    const project = this.#access.findProject(idOrPath)
    // The response to an invalid token, or a personal one, is the same as for an unknown project.
    if (!project?.triggerTokens.includes(String(token))) return refuse(404, '404 Not Found')
    return this.#create(
      project,
      checkPipeline(project, { ref: String(ref), inputs, variables: given }, 'trigger'),
    )
  }

  #create(project: ProjectDefinition, pipeline: NewPipeline): Response {
    return this.#show(this.pipelines.create(project, pipeline), 201)
  }

  #show(pipeline: Pipeline, status = 200): Response {
    return json(
      status,
      pipelineJson(this.#context.origin, pipeline, this.pipelines.state(pipeline)),
    )
  }

  #pipeline(project: ProjectDefinition, param: (name: string) => string): Pipeline {
    const id = param('pipeline')
    if (!/^\d+$/.test(id)) refuseParameters('pipeline_id is invalid')
    return (
      this.pipelines.of(project).find((pipeline) => String(pipeline.id) === id) ??
      refuse(404, '404 Not found')
    )
  }

  #list(project: ProjectDefinition, request: Request): Response {
    const { origin } = this.#context
    const url = new URL(request.url)
    const all = this.pipelines
      .of(project)
      .map((pipeline) => ({ pipeline, state: this.pipelines.state(pipeline) }))
    const { items, headers } = paginate(selectPipelines(all, url.searchParams), url, origin)
    const shown = items.map(({ pipeline, state }) => pipelineBasicJson(origin, pipeline, state))
    return json(200, shown, headers)
  }

  #jobs(pipeline: Pipeline, url: URL): Response {
    const { origin } = this.#context
    const state = this.pipelines.state(pipeline)
    const scopes = [...url.searchParams.getAll('scope'), ...url.searchParams.getAll('scope[]')]
    // GitLab lists a pipeline's jobs newest first.
    const jobs = state.jobs
      .map((job, index) => jobJson(origin, pipeline, state, job, index))
      .filter(({ status }) => scopes.length === 0 || scopes.includes(status))
      .reverse()
    const { items, headers } = paginate(jobs, url, origin)
    return json(200, items, headers)
  }
}
