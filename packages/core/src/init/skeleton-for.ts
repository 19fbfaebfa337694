import { parseAction } from '../action/action.ts'
import { chooseAction } from '../action/choose-action.ts'
import { InputError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import { startedBy } from '../lint/sent-values.ts'
import { readSubjects, type Subject } from '../lint/subject.ts'
import { formatPath } from '../path.ts'
import { pipelineFor, pipelineWithInputsFor } from './for-pipeline.ts'
import { workflowFor } from './for-workflow.ts'
import { type Backend, methodOfForm } from './form-method.ts'
import { type ActionOptions, TRIGGER_URL } from './method.ts'
import type { InitNote } from './note.ts'
import type { FileOptions, Skeleton } from './planned.ts'

export interface SkeletonOptions extends FileOptions {
  /** Which action of the document is meant, if it holds several. */
  identifier?: string | undefined
  /** What is to be started, by an action that does not say it yet, and where it is. */
  backend?: { type: Backend; place: ActionOptions } | undefined
}

/**
 * Makes the file that an action starts: a GitHub workflow, or a GitLab pipeline. The result lints clean together with the
 * action, except for what only the action can be blamed for.
 *
 * @param document in the shapes that `parseAction` accepts; with a backend, the action needs no invocation method
 * @param subject what is read, as the user knows it: `The action deploy.json`
 * @throws InputError if it is not a valid action, or one that starts something else
 */
export async function skeletonFor(
  document: unknown,
  subject: string,
  options: SkeletonOptions,
): Promise<Skeleton> {
  const { read, notes } = readAction(document, subject, options)
  const skeleton = await makeFor(read, options)
  const { backend } = options
  if (backend && (backend.type === 'github') !== (skeleton.kind === 'workflow')) {
    throw new InputError('Cannot make a workflow or a pipeline:', [
      {
        path: formatPath([...read.methodPath, 'type']),
        found: `${read.methodType} starts a ${skeleton.kind} of ${skeleton.kind === 'workflow' ? 'GitHub' : 'GitLab'}`,
        advice: 'Leave out the backend: the action says it',
      },
    ])
  }
  return { ...skeleton, notes: [...notes, ...skeleton.notes] }
}

async function makeFor(read: Subject, options: FileOptions): Promise<Skeleton> {
  const started = startedBy(read)
  if (started === 'workflow') return await workflowFor(read, options.pool)
  if (started === 'pipeline') return await pipelineFor(read, options)
  const webhook = asVariables(read)
  if (webhook) return await pipelineWithInputsFor(webhook, options)
  throw new InputError('Cannot make a workflow or a pipeline:', [notStarting(read)])
}

function readAction(
  document: unknown,
  subject: string,
  { identifier, backend }: SkeletonOptions,
): { read: Subject; notes: InitNote[] } {
  const { action, isNode } = chooseAction(document, subject, identifier)
  const hasMethod = (action.invocationMethod ?? null) !== null || !isJsonObject(action.trigger)
  if (!hasMethod && !backend) {
    throw new InputError('Cannot make a workflow or a pipeline:', [
      {
        path: 'invocationMethod',
        found: 'is missing, so that it is unknown what the action starts',
        advice: 'Name the backend, github or gitlab, to have one made',
      },
    ])
  }
  if (backend && !hasMethod) {
    const invocationMethod = methodOfForm(onlySubject(action, subject), backend.type, backend.place)
    const made = { ...action, invocationMethod }
    parseAction(made, subject)
    const message = `is missing. Add this to the action: ${JSON.stringify({ invocationMethod }).slice(1, -1)}`
    return {
      read: onlySubject(made, subject),
      notes: [{ path: 'invocationMethod', message }],
    }
  }
  parseAction(document, subject, { identifier })
  const { invocationMethod, ...rest } = action
  return {
    read: onlySubject(isNode ? { ...rest, config: invocationMethod ?? null } : action, subject),
    notes: [],
  }
}

function onlySubject(action: JsonObject, file: string): Subject {
  const [read] = readSubjects(file, action) ?? []
  if (read) return read
  // An object always is one.
  throw new InputError(`${file} is not valid:`, [{ path: '', found: 'holds no action' }])
}

/** A webhook to GitLab's trigger API, as an action that sends all of its body as variables. */
function asVariables(subject: Subject): { sending: Subject; others: string[] } | undefined {
  const { method, methodType, action, methodPath } = subject
  if (!method || methodType !== 'WEBHOOK' || !TRIGGER_URL.test(String(method.url))) return undefined
  if (!isJsonObject(method.body)) return undefined
  const { inputs, variables, token: _, ref: __, ...others } = method.body
  if (!isJsonObject(inputs)) return undefined
  const elsewhere = { ...others, ...(isJsonObject(variables) && variables) }
  const invocationMethod: JsonObject = {
    type: 'GITLAB',
    groupName: 'group',
    projectName: 'project',
    pipelineVariables: { ...elsewhere, ...inputs },
  }
  const [sending] = readSubjects(subject.file, { ...action, invocationMethod }) ?? []
  if (!sending) return undefined
  return {
    sending: { ...sending, methodPath },
    others: Object.keys(elsewhere).filter((name) => !(name in inputs)),
  }
}

function notStarting({ method, methodType, methodPath }: Subject) {
  const type = method?.integrationActionType
  const isIntegration = methodType === 'INTEGRATION_ACTION'
  return {
    path: formatPath([...methodPath, isIntegration ? 'integrationActionType' : 'type']),
    found: `${isIntegration ? String(type) : methodType} starts neither a GitHub workflow nor a GitLab pipeline`,
    expected:
      'GITHUB, GITLAB, INTEGRATION_ACTION with dispatch_workflow or trigger_pipeline, or WEBHOOK to the trigger API of GitLab with inputs in its body',
  }
}
