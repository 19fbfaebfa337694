import { isJsonObject } from '@port-dispatch/core'
import { githubExternalRunId, gitlabExternalRunId, isNumericId } from '@port-dispatch/core/run'
import type { Environment } from '../../network/environment.ts'
import { readEventNow } from './read-event.ts'

/** The CI job that this process runs in. */
export interface CiJob {
  name: 'GitHub Actions' | 'GitLab CI'
  /** The page of the workflow run or pipeline. */
  link: string
  /** Missing where the runner tells no ids of repository and owner (act). */
  externalRunId?: string
  /** A file with the JSON that started the run. */
  eventPath?: string
  /** How the job stands, in the system's own word, where it tells. */
  jobStatus?: string
}

/** Reads from the environment which CI job this is; undefined outside of GitHub Actions and GitLab CI. */
export function detectCi(env: Environment): CiJob | undefined {
  if (env.GITHUB_ACTIONS === 'true') return githubJob(env)
  // gitlab-ci-local, which runs pipelines on one's own machine, says "false".
  if (env.GITLAB_CI) return gitlabJob(env)
  return undefined
}

function githubJob(env: Environment): CiJob | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env
  if (!GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined
  const page = `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
  const attempt = Number(GITHUB_RUN_ATTEMPT ?? 1)
  const { ownerId, repositoryId } = githubIds(env)
  return {
    name: 'GitHub Actions',
    link: attempt > 1 ? `${page}/attempts/${attempt}` : page,
    ...(ownerId &&
      repositoryId && {
        externalRunId: githubExternalRunId({ ownerId, repositoryId, workflowRunId: GITHUB_RUN_ID }),
      }),
    ...(env.GITHUB_EVENT_PATH && { eventPath: env.GITHUB_EVENT_PATH }),
  }
}

/** Runners of Gitea do not set the variables; the file of the event holds the same. */
function githubIds(env: Environment): { ownerId?: string; repositoryId?: string } {
  const { GITHUB_REPOSITORY_OWNER_ID: ownerId, GITHUB_REPOSITORY_ID: repositoryId } = env
  if (ownerId && repositoryId) return { ownerId, repositoryId }
  const event = readEventNow(env.GITHUB_EVENT_PATH)
  const repository = isJsonObject(event) ? event.repository : undefined
  if (!isJsonObject(repository) || !isJsonObject(repository.owner)) return {}
  const { id, owner } = repository
  if (!isNumericId(id) || !isNumericId(owner.id)) return {}
  return { ownerId: String(owner.id), repositoryId: String(id) }
}

function gitlabJob(env: Environment): CiJob | undefined {
  const { CI_PIPELINE_URL, CI_PROJECT_ID, CI_PIPELINE_ID, TRIGGER_PAYLOAD, CI_JOB_STATUS } = env
  if (!CI_PIPELINE_URL || !CI_PROJECT_ID || !CI_PIPELINE_ID) return undefined
  return {
    name: 'GitLab CI',
    link: CI_PIPELINE_URL,
    externalRunId: gitlabExternalRunId({ projectId: CI_PROJECT_ID, pipelineId: CI_PIPELINE_ID }),
    ...(TRIGGER_PAYLOAD && { eventPath: TRIGGER_PAYLOAD }),
    ...(CI_JOB_STATUS && { jobStatus: CI_JOB_STATUS }),
  }
}
