import { readFileSync } from 'node:fs'
import { InputError, isJsonObject, type JsonObject } from '@port-dispatch/core'
import { githubExternalRunId, isNumericId } from '@port-dispatch/core/run'
import type { ThisJob } from '../../this-job.ts'

/** The workflow run that an event `workflow_run` is about. */
export interface WatchedRun {
  id: number
  /** The workflow, as people call it. */
  name: string
  status: string
  /** Once it has ended. */
  conclusion?: string
  url: string
  externalRunId: string
}

/** @throws InputError if the event's file does not describe a workflow run */
export async function readWatchedRun({ eventPath }: ThisJob): Promise<WatchedRun> {
  const event = await readEvent(eventPath)
  const run = objectIn(event, 'workflow_run')
  const repository = objectIn(run, 'repository')
  const owner = objectIn(repository, 'owner')
  const { id, name, status, conclusion, html_url: url } = run
  const { id: repositoryId } = repository
  const { id: ownerId } = owner
  if (
    !isNumericId(id) ||
    !isNumericId(repositoryId) ||
    !isNumericId(ownerId) ||
    typeof url !== 'string'
  ) {
    throw new InputError('The event workflow_run cannot be read:', [
      {
        path: eventPath ?? 'GITHUB_EVENT_PATH',
        found: 'holds no "workflow_run" with its id, its page and its repository',
      },
    ])
  }
  return {
    id,
    // Empty where the workflow has no name and was deleted or moved.
    name: typeof name === 'string' && name.trim() !== '' ? name : 'The workflow',
    status: typeof status === 'string' ? status : 'unknown',
    ...(typeof conclusion === 'string' && { conclusion }),
    url,
    externalRunId: githubExternalRunId({ ownerId, repositoryId, workflowRunId: id }),
  }
}

async function readEvent(path: string | undefined): Promise<unknown> {
  try {
    return JSON.parse(readFileSync(path ?? '', 'utf8'))
  } catch {
    return undefined
  }
}

function objectIn(value: unknown, key: string): JsonObject {
  const found = isJsonObject(value) ? value[key] : undefined
  return isJsonObject(found) ? found : {}
}
