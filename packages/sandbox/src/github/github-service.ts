import type { Hono } from 'hono'
import { json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { GitHubDefinition, GitHubToken } from '../definition/definition.ts'
import { parseBody } from '../exchange.ts'
import { GitHubAccess } from './access.ts'
import { checkInputs, parseDispatch, resolveRef } from './check-dispatch.ts'
import { contents } from './contents.ts'
import { filterRuns, type ListedRun, paginate } from './list-runs.ts'
import { refuse } from './refuse.ts'
import { repositoryApi, repositoryJson, userJson } from './repository-json.ts'
import { jobJson, runJson, runPage, workflowJson } from './run-json.ts'
import {
  type ServedRepository,
  type ServedWorkflow,
  type WorkflowRun,
  WorkflowRuns,
} from './run-store.ts'
import { serveRepository } from './serve-repository.ts'

/** From this version on, the response to a dispatch always contains the IDs of the run. */
const VERSION_WITH_DETAILS = '2026-03-10'

/** GitHub's API under `/api/v3`, as on GitHub Enterprise Server. */
export class GitHubService {
  readonly runs: WorkflowRuns
  readonly repositories: readonly ServedRepository[]
  readonly #definition: GitHubDefinition
  readonly #context: Context
  readonly #access: GitHubAccess

  constructor(definition: GitHubDefinition, context: Context) {
    this.#definition = definition
    this.#context = context
    this.#access = new GitHubAccess(definition, context)
    this.runs = new WorkflowRuns(context)
    this.repositories = definition.repositories.map(serveRepository)
  }

  addTo(app: Hono): void {
    const base = '/api/v3/repos/:owner/:repo'
    const context = this.#context

    app.get('/api/v3/user', ({ req }) =>
      this.#access.guard(req.raw, () => json(200, userJson(context.origin, 'sandbox', 1, 'User'))),
    )

    /** Handles a request to a repository that the token can read. */
    const handler =
      (
        handle: (
          repository: ServedRepository,
          param: (name: string) => string,
          request: Request,
          token: GitHubToken,
        ) => Response | Promise<Response>,
      ) =>
      ({ req }: { req: { raw: Request; param: (name: string) => string | undefined } }) =>
        this.#access.guard(req.raw, (token) => {
          const param = (name: string) => req.param(name) ?? ''
          const repository = this.#repository(`${param('owner')}/${param('repo')}`, token)
          return handle(repository, param, req.raw, token)
        })

    app.get(
      base,
      handler((repository) => json(200, repositoryJson(context.origin, repository))),
    )
    app.get(
      `${base}/contents/:path{.+}`,
      handler((repository, param, request) =>
        contents(context.origin, repository, param('path'), request),
      ),
    )
    app.get(
      `${base}/actions/workflows/:workflow`,
      handler((repository, param) => {
        const workflow = this.#workflow(repository, param('workflow'))
        return json(200, workflowJson(context.origin, repository, workflow))
      }),
    )
    app.post(
      `${base}/actions/workflows/:workflow/dispatches`,
      handler(async (repository, param, request, token) => {
        const workflow = this.#workflow(repository, param('workflow'))
        requireWrite(token)
        return this.#dispatch(repository, workflow, request)
      }),
    )
    app.get(
      `${base}/actions/workflows/:workflow/runs`,
      handler((repository, param, request) =>
        this.#list(repository, request, this.#workflow(repository, param('workflow'))),
      ),
    )
    app.get(
      `${base}/actions/runs`,
      handler((repository, _, request) => this.#list(repository, request)),
    )
    app.get(
      `${base}/actions/runs/:run`,
      handler((repository, param) => {
        const run = this.#run(repository, param('run'))
        return json(200, runJson(context.origin, run, this.runs.state(run)))
      }),
    )
    app.get(
      `${base}/actions/runs/:run/jobs`,
      handler((repository, param, request) => {
        const run = this.#run(repository, param('run'))
        const jobs = this.runs
          .state(run)
          .jobs.map((job, index) => jobJson(context.origin, run, job, index))
        const { items, headers } = paginate(jobs, new URL(request.url), context.origin)
        return json(200, { total_count: jobs.length, jobs: items }, headers)
      }),
    )
    app.post(
      `${base}/actions/runs/:run/cancel`,
      handler((repository, param, _, token) => {
        requireWrite(token)
        const run = this.#run(repository, param('run'))
        if (this.runs.state(run).status === 'completed')
          refuse(409, 'Cannot cancel a workflow run that is completed.')
        this.runs.cancel(run)
        return json(202, {})
      }),
    )
  }

  #repository(name: string, token: GitHubToken): ServedRepository {
    const same = (other: string) => other.toLowerCase() === name.toLowerCase()
    const found = this.repositories.find(({ definition }) => same(definition.name))
    return found && (token.repositories?.some(same) ?? true) ? found : refuse(404, 'Not Found')
  }

  #workflow(repository: ServedRepository, idOrFile: string): ServedWorkflow {
    const found = repository.workflows.find(
      ({ id, file }) => file === idOrFile || String(id) === idOrFile,
    )
    return found ?? refuse(404, 'Not Found')
  }

  #run(repository: ServedRepository, id: string): WorkflowRun {
    return this.runs.of(repository).find((run) => String(run.id) === id) ?? refuse(404, 'Not Found')
  }

  async #dispatch(
    repository: ServedRepository,
    workflow: ServedWorkflow,
    request: Request,
  ): Promise<Response> {
    const { runDetails = 'supported' } = this.#definition
    const { ref, inputs, wantsDetails } = parseDispatch(await parseBody(request), runDetails)
    const name = resolveRef(repository, ref)
    checkInputs(workflow, inputs)
    const run = this.runs.create(repository, workflow, name, inputs)
    const version = request.headers.get('x-github-api-version') ?? ''
    if (runDetails !== 'supported' || !(wantsDetails || version >= VERSION_WITH_DETAILS))
      return new Response(null, { status: 204 })
    return json(200, {
      workflow_run_id: run.id,
      run_url: `${repositoryApi(this.#context.origin, repository)}/actions/runs/${run.id}`,
      html_url: runPage(this.#context.origin, run),
    })
  }

  #list(repository: ServedRepository, request: Request, workflow?: ServedWorkflow): Response {
    const { origin, now, second } = this.#context
    const url = new URL(request.url)
    const listedUntil = now() - (this.#definition.listDelay ?? 0) * second
    const runs: ListedRun[] = this.runs
      .of(repository)
      .filter((run) => run.createdAt <= listedUntil && (!workflow || run.workflow === workflow))
      .map((run) => ({ run, state: this.runs.state(run) }))
    const found = filterRuns(runs, url.searchParams)
    const { items, headers } = paginate(found, url, origin)
    const workflowRuns = items.map(({ run, state }) => runJson(origin, run, state))
    return json(200, { total_count: found.length, workflow_runs: workflowRuns }, headers)
  }
}

function requireWrite({ permission }: GitHubToken): void {
  if (permission === 'read') refuse(403, 'Resource not accessible by personal access token')
}
