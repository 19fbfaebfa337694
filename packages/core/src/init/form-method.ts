import { isJsonObject, type Json, type JsonObject, setOwn } from '../json.ts'
import type { Subject } from '../lint/subject.ts'
import { type ActionOptions, githubMethod, gitlabMethod } from './method.ts'
import { identifierOf, variableOf } from './names.ts'
import { isRequired } from './planned.ts'
import { sentEntry } from './sent-entry.ts'

/** What an action can start. */
export type Backend = 'github' | 'gitlab'

/** Makes the invocation method of an action that is only a form yet: it sends every user input, and the id of the run. */
export function methodOfForm(
  subject: Subject,
  backend: Backend,
  options: ActionOptions,
): JsonObject {
  const sent: JsonObject = {}
  const isGithub = backend === 'github'
  for (const input of subject.inputs?.values() ?? []) {
    // The branch of a pipeline, and of a workflow.
    if (input.name === 'ref' && !isGithub) continue
    const { name, type = 'string', definition } = input
    const [key, template] = sentEntry({
      key: isGithub ? name : variableOf(name),
      name,
      type,
      isRequired: isRequired(subject, input),
      otherwise: name === 'ref' ? undefined : emptyValue(definition, type, isGithub),
    })
    setOwn(sent, key, template)
  }
  if (!isGithub) {
    const pipelineVariables = { ...sent, PORT_RUN_ID: '{{ .run.id }}' }
    return gitlabMethod(options, { reports: true, pipelineVariables })
  }
  return githubMethod(options, {
    workflow: `${identifierOf(subject.identifier ?? 'workflow').replaceAll('_', '-')}.yml`,
    reportWorkflowStatus: false,
    workflowInputs: { ...sent, port_run_id: '{{ .run.id }}' },
  })
}

/** What is sent if nothing was entered; undefined: nothing. */
function emptyValue(definition: JsonObject, type: string, isGithub: boolean): Json | undefined {
  const { default: fallback = null, enum: values } = definition
  if (fallback !== null && !(isJsonObject(fallback) && 'jqQuery' in fallback)) return fallback
  if (type === 'boolean') return false
  if (!isGithub) return ''
  return type === 'string' && values === undefined ? '' : undefined
}
