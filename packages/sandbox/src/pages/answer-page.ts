import type { SandboxState, Services } from '../state.ts'
import { workflowRunPage } from './github-page.ts'
import { pipelinePage } from './gitlab-page.ts'
import { API_ROOTS, apiPage, indexPage, placePage } from './index-page.ts'
import { ICON } from './layout.ts'
import { portRunPage } from './port-page.ts'

const WORKFLOW_RUN = /^\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/job\/(\d+))?$/
const WORKFLOW_FILE = /^\/([^/]+\/[^/]+)\/(?:blob|raw)\/.+\/\.github\/workflows\/([^/]+)$/
const PIPELINE = /^\/(.+)\/-\/pipelines\/(\d+)$/
/** A repository, project, owner or group; of a project also the addresses to clone it from, and its commits. */
const PLACE =
  /^\/(?:groups\/)?(.+?)(?:\.git|\/(?:-\/)?commits?\/.*|\/actions(?:\/workflows\/.*)?)?$/
/** Who has started all runs. */
const SANDBOX_USER = 'sandbox'
const JOB = /^\/(.+)\/-\/jobs\/(\d+)$/

/** The page for a link in an API response. `undefined` if there is none. */
export function answerPage(
  url: URL,
  { port, github, gitlab }: Services,
  state: SandboxState,
): Response | undefined {
  const path = decoded(url.pathname)
  const repositoryOf = (name = '') =>
    github.repositories.find(({ definition }) => definition.name === name)
  const pipelinesOf = (projectPath = '') => {
    const project = gitlab.projects.find((entry) => entry.path === projectPath)
    return project ? gitlab.pipelines.of(project) : []
  }

  const repositories = github.repositories.map(({ definition }) => definition.name)
  const projects = gitlab.projects.map((project) => project.path)
  if (path === '/') return indexPage(state, repositories, projects)
  const root = path.replace(/\/$/, '')
  if (Object.hasOwn(API_ROOTS, root)) return apiPage(root)
  if (path === '/favicon.svg' || /\/badge\.svg$/.test(path))
    return new Response(ICON, { headers: { 'content-type': 'image/svg+xml' } })
  if (path === '/organization/run') {
    const run = port.runs.get(url.searchParams.get('runId') ?? '')
    return run && portRunPage(run)
  }
  const [, runRepository, runId, runJob] = WORKFLOW_RUN.exec(path) ?? []
  const repository = repositoryOf(runRepository)
  if (repository) {
    const run = github.runs.of(repository).find(({ id }) => String(id) === runId)
    return run && workflowRunPage(run, github.runs.state(run), runJob ? Number(runJob) : undefined)
  }
  const [, fileRepository, file] = WORKFLOW_FILE.exec(path) ?? []
  const workflow = repositoryOf(fileRepository)?.workflows.find((entry) => entry.file === file)
  if (workflow)
    return new Response(workflow.definition.content, {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
  const [, projectPath, pipelineId] = PIPELINE.exec(path) ?? []
  const [, jobProject, jobId] = JOB.exec(path) ?? []
  // The ID of a job starts with the ID of its pipeline, see `jobId` in pipeline-json.ts.
  const wanted = pipelineId ?? jobId?.slice(0, -2)
  const pipeline = pipelinesOf(projectPath ?? jobProject).find(({ id }) => String(id) === wanted)
  const onlyJob = jobId === undefined ? undefined : Number(jobId)
  if (pipeline) return pipelinePage(pipeline, gitlab.pipelines.state(pipeline), onlyJob)
  const name = PLACE.exec(root)?.[1] ?? ''
  const isWithin = (place: string) => place === name || place.startsWith(`${name}/`)
  const [ownRepositories, ownProjects] = [repositories, projects].map((all) => all.filter(isWithin))
  const isUser = name === SANDBOX_USER
  if (!isUser && !ownRepositories?.length && !ownProjects?.length) return undefined
  return placePage(name, state, ownRepositories ?? [], ownProjects ?? [])
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
