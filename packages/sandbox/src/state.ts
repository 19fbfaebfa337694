import type { Context } from './context.ts'
import type { PortNodeRunSeed } from './definition/definition.ts'
import type { GitHubService } from './github/github-service.ts'
import { runPage } from './github/run-json.ts'
import type { RunState } from './github/run-state.ts'
import type { GitLabService } from './gitlab/gitlab-service.ts'
import { pipelinePage } from './gitlab/pipeline-json.ts'
import type { PipelineState } from './gitlab/pipeline-state.ts'
import type { StoredEntity } from './port/catalog-service.ts'
import type { NodeRun } from './port/node-run-service.ts'
import type { PortService } from './port/port-service.ts'
import type { PortRun } from './port/run-store.ts'

export interface Services {
  readonly port: PortService
  readonly github: GitHubService
  readonly gitlab: GitLabService
}

/** A workflow run that was dispatched, with its current state. */
export interface GitHubRunView extends RunState {
  id: number
  /** File name of the workflow. */
  workflow: string
  ref: string
  title: string
  /** The inputs as sent, without defaults. */
  inputs: Readonly<Record<string, string>>
  url: string
  createdAt: number
}

/** A pipeline that was created, with its current state. */
export interface GitLabPipelineView extends PipelineState {
  id: number
  ref: string
  source: 'trigger' | 'api'
  /** The variables by key, without the `TRIGGER_PAYLOAD` file that GitLab adds. */
  variables: Readonly<Record<string, string>>
  /** The parameters of the trigger request, which jobs read from the file `$TRIGGER_PAYLOAD`. */
  triggerPayload: string | undefined
  inputs: Readonly<Record<string, unknown>>
  url: string
  createdAt: number
}

/** What happened in a sandbox, for tests and demos. Times are in milliseconds since 1970. */
export class SandboxState {
  readonly #services: Services
  readonly #context: Context

  constructor(services: Services, context: Context) {
    this.#services = services
    this.#context = context
  }

  portRun(id: string): Readonly<PortRun> | undefined {
    return this.#services.port.runs.get(id)
  }

  /** Newest first. */
  portRuns(): readonly Readonly<PortRun>[] {
    return this.#services.port.runs.all()
  }

  /** The entities that were stored in Port's catalog. */
  portEntities(): readonly StoredEntity[] {
    return this.#services.port.catalog.all()
  }

  /** Starts a run of an action, as a user does in Port. The inputs are not checked. */
  createPortRun(
    action: string,
    details: { id?: string; properties?: Record<string, unknown>; entity?: string } = {},
  ): Readonly<PortRun> {
    const { port } = this.#services
    const known = port.actions.get(action)
    if (!known) throw new Error(`The sandbox has no action ${action}`)
    if (details.id !== undefined && port.runs.get(details.id))
      throw new Error(`The sandbox already has a run ${details.id}`)
    return port.runs.create(known, details)
  }

  nodeRun(identifier: string): Readonly<NodeRun> | undefined {
    return this.#services.port.nodeRuns.get(identifier)
  }

  /** Starts a node run of a workflow that something outside of Port is to end. One with a `config` can be claimed. */
  createNodeRun(seed?: Partial<PortNodeRunSeed>): Readonly<NodeRun> {
    return this.#services.port.nodeRuns.create(seed)
  }

  /** Revokes all access tokens of Port. The response to the next request with one of them is 401. */
  revokePortTokens(): void {
    this.#services.port.tokens.revokeAll()
  }

  /**
   * The workflow runs of a repository, oldest first.
   *
   * @param name full name, `owner/repository`
   */
  githubRuns(name: string): GitHubRunView[] {
    const { github } = this.#services
    const repository = github.repositories.find(({ definition }) => definition.name === name)
    if (!repository) throw new Error(`The sandbox has no repository ${name}`)
    return github.runs
      .of(repository)
      .reverse()
      .map((run) => ({
        ...github.runs.state(run),
        id: run.id,
        workflow: run.workflow.file,
        ref: run.ref,
        title: run.title,
        inputs: run.sentInputs,
        url: runPage(this.#context.origin, run),
        createdAt: run.createdAt,
      }))
  }

  /** Ends a workflow run now, regardless of its plan. */
  endGithubRun(name: string, id: number, conclusion: string): void {
    const { github } = this.#services
    const repository = github.repositories.find(({ definition }) => definition.name === name)
    const run = repository && github.runs.of(repository).find((entry) => entry.id === id)
    if (!run) throw new Error(`The sandbox has no workflow run ${id} in ${name}`)
    run.end = { at: this.#context.now(), status: 'completed', conclusion }
  }

  /**
   * The pipelines of a project, oldest first.
   *
   * @param path full path, `group/project`
   */
  gitlabPipelines(path: string): GitLabPipelineView[] {
    const { gitlab } = this.#services
    return this.#pipelinesOf(path).map((pipeline) => {
      const variables = Object.fromEntries(pipeline.variables.map(({ key, value }) => [key, value]))
      const { TRIGGER_PAYLOAD: triggerPayload, ...own } = variables
      return {
        ...gitlab.pipelines.state(pipeline),
        id: pipeline.id,
        ref: pipeline.ref,
        source: pipeline.source,
        variables: own,
        triggerPayload,
        inputs: pipeline.inputs,
        url: pipelinePage(this.#context.origin, pipeline),
        createdAt: pipeline.createdAt,
      }
    })
  }

  /** Sets the status of a pipeline now, regardless of its jobs. */
  endGitlabPipeline(path: string, id: number, status: string): void {
    const pipeline = this.#pipelinesOf(path).find((entry) => entry.id === id)
    if (!pipeline) throw new Error(`The sandbox has no pipeline ${id} in ${path}`)
    pipeline.end = { at: this.#context.now(), status }
  }

  #pipelinesOf(path: string) {
    const { gitlab } = this.#services
    const project = gitlab.projects.find((entry) => entry.path === path)
    if (!project) throw new Error(`The sandbox has no project ${path}`)
    return gitlab.pipelines.of(project).reverse()
  }
}
