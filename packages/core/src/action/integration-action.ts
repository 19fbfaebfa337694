import * as v from 'valibot'
import type { Problem } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import { check } from '../schema/check.ts'
import {
  anyText,
  described,
  flagTemplate,
  jsonObject,
  name,
  namesWithSlashes,
  numericId,
  object,
  renderedFlag,
  text,
  workflowName,
} from '../schema/schemas.ts'
import type { DispatchWorkflowProperties, TriggerPipelineProperties } from './rendered-method.ts'

export const UNDER = 'integrationActionExecutionProperties'
/** The fields of the method that are not properties of the action. */
export const OWN: ReadonlySet<string> = new Set([
  'type',
  'installationId',
  'integrationActionType',
  'integrationInvocationType',
  'integrationProvider',
  UNDER,
])

/** As Port stores them: strings may be templates. The names are those of Port's integrations for GitHub and GitLab. */
export const PROPERTY_ENTRIES = {
  dispatch_workflow: {
    org: v.exactOptional(described(anyText, 'The organization or user that owns the repository.')),
    repo: described(text, 'The name of the repository, without its owner.'),
    workflow: described(workflowName, 'File name or ID of the workflow.', 'deploy.yml'),
    ref: v.exactOptional(described(anyText, 'Branch or tag. Default: the default branch.')),
    workflowInputs: v.exactOptional(
      described(jsonObject, 'The inputs of the workflow. Strings and keys can hold templates.', {
        environment: '{{ .inputs.environment }}',
        port_run_id: '{{ .run.id }}',
      }),
    ),
    reportWorkflowStatus: v.exactOptional(
      described(flagTemplate, 'Whether the end of the workflow ends the run. Default: true.'),
    ),
  },
  trigger_pipeline: {
    project: described(
      v.union([text, v.number()], 'the full path or the id of a project'),
      'Full path or ID of the project.',
      'acme/platform/provisioning',
    ),
    ref: described(text, 'Branch or tag.', 'main'),
    pipelineVariables: v.exactOptional(
      described(jsonObject, 'The variables of the pipeline. Strings and keys can hold templates.', {
        ENVIRONMENT: '{{ .inputs.environment }}',
        PORT_RUN_ID: '{{ .run.id }}',
      }),
    ),
    reportPipelineStatus: v.exactOptional(
      described(flagTemplate, 'Whether the end of the pipeline ends the run. Default: true.'),
    ),
  },
} satisfies Record<string, v.ObjectEntries>

const TEMPLATES: Record<string, v.GenericSchema<unknown, unknown>> = {
  dispatch_workflow: object(PROPERTY_ENTRIES.dispatch_workflow),
  trigger_pipeline: object(PROPERTY_ENTRIES.trigger_pipeline),
}

const PROJECT = 'the full path of a project, such as group/subgroup/project, or its id'

const dispatchWorkflow: v.GenericSchema<unknown, DispatchWorkflowProperties> = object({
  org: v.exactOptional(name('the name of an organization or user')),
  repo: name('the name of a repository, without its owner'),
  workflow: renderedWorkflow(),
  ref: v.exactOptional(anyText),
  workflowInputs: v.optional(jsonObject, {}),
  reportWorkflowStatus: v.optional(renderedFlag, true),
})

const triggerPipeline: v.GenericSchema<unknown, TriggerPipelineProperties> = object({
  project: v.pipe(v.union([numericId, namesWithSlashes(PROJECT)], PROJECT), v.transform(String)),
  ref: text,
  pipelineVariables: v.optional(jsonObject, {}),
  reportPipelineStatus: v.optional(renderedFlag, true),
})

/** File name or id of a workflow, after rendering. */
export function renderedWorkflow() {
  const what = 'the file name of a workflow, without its folder, or its id'
  return v.pipe(v.union([numericId, name(what)], what), v.transform(String))
}

/** What a rendered `INTEGRATION_ACTION` asks for, or everything that is wrong with it. */
export type IntegrationAction =
  | { type: 'dispatch_workflow'; properties: DispatchWorkflowProperties }
  | { type: 'trigger_pipeline'; properties: TriggerPipelineProperties }
  | { type: 'other' }
  | { type: 'invalid'; problems: Problem[] }

/** Reads the properties of a rendered integration action, wherever they stand. */
export function readIntegrationAction(method: JsonObject): IntegrationAction {
  const { integrationActionType: type } = method
  const properties = executionProperties(method)
  if (type === 'dispatch_workflow') {
    const checked = check(dispatchWorkflow, properties)
    if (checked.ok) return { type, properties: checked.output }
    return { type: 'invalid', problems: placed(checked.problems, method) }
  }
  if (type === 'trigger_pipeline') {
    const checked = check(triggerPipeline, properties)
    if (checked.ok) return { type, properties: checked.output }
    return { type: 'invalid', problems: placed(checked.problems, method) }
  }
  return { type: 'other' }
}

/** What is wrong with the properties of an integration action as it is stored. */
export function definitionProblems(method: JsonObject): Problem[] {
  const { integrationActionType: type } = method
  const schema = typeof type === 'string' && Object.hasOwn(TEMPLATES, type) && TEMPLATES[type]
  if (!schema) return []
  const checked = check(schema, executionProperties(method))
  return checked.ok ? [] : placed(checked.problems, method)
}

/** The properties of the action: those beside the type, and above them those under their own key. */
export function executionProperties(method: JsonObject): JsonObject {
  const beside = Object.entries(method).filter(([key]) => !OWN.has(key))
  const under: Json | undefined = method[UNDER]
  return { ...Object.fromEntries(beside), ...(isJsonObject(under) && under) }
}

/** Where a property of the action stands, or should stand. */
export function propertyPath(method: JsonObject, key: string): string {
  const under = method[UNDER]
  if (!isJsonObject(under)) return key
  return Object.hasOwn(method, key) && !Object.hasOwn(under, key) ? key : `${UNDER}.${key}`
}

/** Adds to each problem where the properties stand. */
function placed(problems: readonly Problem[], method: JsonObject): Problem[] {
  return problems.map((problem) => {
    const path = problem.path ?? ''
    const [key = ''] = path.split(/[.[]/)
    return { ...problem, path: propertyPath(method, key) + path.slice(key.length) }
  })
}
