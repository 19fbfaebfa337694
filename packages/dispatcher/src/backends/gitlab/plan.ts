import { InputError, type JsonObject, phrase, setting } from '@port-dispatch/core'
import type { DispatchableGitlabMethod } from '@port-dispatch/core/action'
import type { Plan, Started } from '../backend.ts'
import { plainHttpWarnings } from '../plain-http.ts'
import { checkedSecret, secretOf } from '../token.ts'
import { parsePipeline, toRunRef } from './answers.ts'
import type { GitlabClient } from './client.ts'
import { unreadable } from './refusal.ts'
import { GitlabRuns } from './runs.ts'
import { gitlabVariables } from './variables.ts'

/**
 * Plans a pipeline: by its trigger API, or by the pipeline API where only an access token is given.
 *
 * @param options whether the pipeline is followed
 * @throws InputError if the variables cannot be sent, or a trigger token, which cannot read, is all there is to follow by
 */
export function planGitlab(
  method: DispatchableGitlabMethod,
  client: GitlabClient,
  { follow }: { follow?: boolean | undefined } = {},
): Plan {
  if (follow && !client.canRead) throw cannotFollow()
  const { project, ref, triggerPayload } = method
  const triggerToken = client.triggerTokenOf(project)
  if (typeof triggerToken === 'string') checkedSecret(triggerToken, 'gitlab.triggerToken')
  const { values, notes } = gitlabVariables(method.pipelineVariables)
  const pipeline = { project, ref, values, ...(triggerPayload && { triggerPayload }) }
  return {
    type: 'GITLAB',
    backend: 'GitLab',
    target: project,
    ref,
    preview: { ref, variables: values },
    notes: [...notes, ...payloadNotes(pipeline, triggerToken)],
    warnings: plainHttpWarnings('GitLab', client.url),
    endsPortRun: method.reportPipelineStatus,
    page: `${client.url}/${project}/-/pipelines`,
    start: (signal) => start(client, pipeline, signal),
    ...(client.canRead && { runs: new GitlabRuns(client, pipeline) }),
  }
}

function cannotFollow(): InputError {
  return new InputError('Cannot follow the pipeline:', [
    {
      setting: 'gitlab.token',
      found: 'is missing',
      missing: true,
      advice: phrase`${setting('wait')} needs an access token with the scope "read_api": a trigger token cannot read`,
    },
  ])
}

export interface PipelineStart {
  project: string
  ref: string
  /** Its variables. */
  values: Record<string, string>
  /** Of a trigger token only. */
  triggerPayload?: JsonObject
}

function payloadNotes({ triggerPayload }: PipelineStart, triggerToken: unknown): string[] {
  if (!triggerPayload || triggerToken !== undefined) return []
  return [
    'The run message is not sent, because only a pipeline that is started with a trigger token has $TRIGGER_PAYLOAD.',
  ]
}

async function start(
  client: GitlabClient,
  { project, ref, values, triggerPayload }: PipelineStart,
  signal: AbortSignal | undefined,
): Promise<Started> {
  const what = `start a pipeline of ${project} on ${ref}`
  const path = `projects/${encodeURIComponent(project)}`
  const triggerToken = client.triggerTokenOf(project)
  return await client.call({
    what,
    project,
    starts: true,
    authorization: triggerToken === undefined ? 'access-token' : 'trigger-token',
    signal,
    send: async () => {
      const { body } =
        triggerToken === undefined
          ? await client.requester(signal).post(`${path}/pipeline`, {
              body: {
                ref,
                variables: Object.entries(values).map(([key, value]) => ({
                  key,
                  value,
                  variable_type: 'env_var',
                })),
              },
            })
          : // PipelineTriggerTokens.trigger puts the token into the URL, and lets an & in a value begin another field.
            await client.requester(signal, 'no').post(`${path}/trigger/pipeline`, {
              body: {
                ...triggerPayload,
                token: await secretOf(triggerToken, 'gitlab.triggerToken', { signal }),
                ref,
                variables: values,
              },
            })
      const pipeline = parsePipeline(body)
      if (!pipeline) throw unreadable(what, true)
      const run = toRunRef(pipeline)
      return { type: 'run', run: { url: `${client.url}/${project}/-/pipelines/${run.id}`, ...run } }
    },
  })
}
