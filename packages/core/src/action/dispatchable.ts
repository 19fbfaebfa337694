import { InputError, type Problem } from '../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { propertyPath, readIntegrationAction } from './integration-action.ts'
import type {
  RenderedEntityMapping,
  RenderedGithubMethod,
  RenderedKafkaMethod,
  RenderedMethod,
  RenderedUpsertEntityMethod,
  RenderedWebhookMethod,
} from './rendered-method.ts'
import { urlProblem } from './webhook-url.ts'

/** A GitHub workflow to start. `ref` is no longer one of the inputs. */
export interface DispatchableGithubMethod extends RenderedGithubMethod {
  /** Branch or tag. Absent: the default branch of the repository. */
  ref?: string
}

/** A GitLab pipeline to start. */
export interface DispatchableGitlabMethod {
  type: 'GITLAB'
  /** Full path, not URL-encoded, or id of the project. */
  project: string
  /** Branch or tag. */
  ref: string
  pipelineVariables: JsonObject
  /** Further fields of the request, which the pipeline reads from the file `$TRIGGER_PAYLOAD`. */
  triggerPayload?: JsonObject
  /** Whether the end of the pipeline ends the Port run. */
  reportPipelineStatus: boolean
}

/** A request to send. */
export interface DispatchableWebhookMethod extends RenderedWebhookMethod {
  headers: Record<string, string>
}

/** An entity to write with `POST /v1/blueprints/{blueprint_identifier}/entities`. */
export interface DispatchableUpsertEntityMethod extends RenderedUpsertEntityMethod {
  mapping: RenderedEntityMapping & { identifier?: string; title?: string }
}

/** A method that this project does not execute. */
export interface RefusedMethod {
  type: 'REFUSED'
  /** What is refused, by its name in Port: `JENKINS`, `create_issue`. */
  refused: string
  /** The field of the invocation method that names it. */
  field: 'type' | 'integrationActionType'
  /** A sentence. */
  why: string
  /** What to use instead, as a sentence. */
  instead: string
}

export type DispatchableMethod =
  | DispatchableGithubMethod
  | DispatchableGitlabMethod
  | DispatchableWebhookMethod
  | RenderedKafkaMethod
  | DispatchableUpsertEntityMethod

export interface DispatchableOptions {
  /** The user inputs, of which `ref` takes precedence over the `defaultRef` of GITLAB. */
  inputs?: Json | undefined
}

/**
 * Reduces a rendered method to what a backend executes: an integration action that starts a workflow or a pipeline
 * becomes GITHUB or GITLAB, the branch gets a field of its own.
 *
 * @throws InputError if the method has all that Port needs to store it, but not what dispatching needs
 */
export function toDispatchable(
  method: RenderedMethod,
  { inputs }: DispatchableOptions = {},
): DispatchableMethod | RefusedMethod {
  switch (method.type) {
    case 'GITHUB':
      return { ...method, ...splitRef(method.workflowInputs) }
    case 'GITLAB': {
      const chosen = isJsonObject(inputs) ? inputs.ref : undefined
      return {
        type: 'GITLAB',
        project: `${method.groupName}/${method.projectName}`,
        ref: typeof chosen === 'string' && chosen !== '' ? chosen : method.defaultRef,
        pipelineVariables: method.pipelineVariables,
        ...(method.triggerPayload && { triggerPayload: method.triggerPayload }),
        reportPipelineStatus: true,
      }
    }
    case 'INTEGRATION_ACTION':
      return fromIntegrationAction(method)
    case 'WEBHOOK': {
      const problem = urlProblem(method.url)
      if (problem) throw notDispatchable([problem])
      const headers = Object.entries(method.headers).filter(([, value]) => value !== null)
      return {
        ...method,
        headers: Object.fromEntries(headers.map(([key, value]) => [key, String(value)])),
      }
    }
    case 'KAFKA':
      return method
    case 'UPSERT_ENTITY': {
      const { identifier, title, icon, team, properties, relations } = method.mapping
      return {
        ...method,
        mapping: {
          ...(identifier !== undefined && { identifier: String(identifier) }),
          ...(title !== undefined && { title: String(title) }),
          ...(icon !== undefined && { icon }),
          ...(team !== undefined && { team }),
          properties,
          relations,
        },
      }
    }
    default:
      return refuse({ ...method })
  }
}

function fromIntegrationAction(method: JsonObject): DispatchableMethod | RefusedMethod {
  const action = readIntegrationAction(method)
  switch (action.type) {
    case 'dispatch_workflow': {
      const { org, ref, workflowInputs, ...rest } = action.properties
      if (org === undefined) {
        throw notDispatchable([
          {
            path: propertyPath(method, 'org'),
            found: 'is missing',
            expected: 'the organization or user that owns the repository',
            advice: "Only Port's integration knows the organization that it is installed for",
          },
        ])
      }
      // A branch beside the inputs leaves the input `ref` to the workflow; Port also reads it from there.
      const inputs = ref ? { ref, workflowInputs } : splitRef(workflowInputs)
      return { type: 'GITHUB', org, ...rest, ...inputs }
    }
    case 'trigger_pipeline': {
      const { project } = action.properties
      if (!project.includes('/') && !/^\d+$/.test(project)) {
        throw notDispatchable([
          {
            path: propertyPath(method, 'project'),
            found: `found ${JSON.stringify(project)}, which has no group`,
            expected: 'the full path of a project, such as group/subgroup/project, or its id',
          },
        ])
      }
      return { type: 'GITLAB', ...action.properties }
    }
    case 'invalid':
      throw notDispatchable(action.problems)
    default:
      return refuse(method)
  }
}

/** Takes the entry `ref` out of the inputs. */
function splitRef({ ref, ...workflowInputs }: JsonObject): {
  ref?: string
  workflowInputs: JsonObject
} {
  if (ref === undefined || ref === null || ref === '') return { workflowInputs }
  if (typeof ref === 'string') return { ref, workflowInputs }
  throw notDispatchable([
    {
      path: 'workflowInputs.ref',
      found: `found ${JSON.stringify(ref)}`,
      expected: 'the name of a branch or tag, or nothing for the default branch',
    },
  ])
}

function notDispatchable(problems: readonly Problem[]): InputError {
  return new InputError('The action cannot be dispatched:', problems)
}

function refuse(method: JsonObject): RefusedMethod {
  const { type: name, integrationActionType: action } = method
  const type = String(name)
  const webhook = 'Use an action of type WEBHOOK'
  switch (type) {
    case 'INTEGRATION_ACTION':
      return {
        type: 'REFUSED',
        refused: String(action),
        field: 'integrationActionType',
        why: `The integration action ${String(action)} is executed by Port's integration only; dispatch_workflow and trigger_pipeline can be dispatched.`,
        instead: `Leave it to Port's integration, or call the API of the tool with an action of type WEBHOOK.`,
      }
    case 'AZURE_DEVOPS':
      return {
        type: 'REFUSED',
        refused: type,
        field: 'type',
        why: 'Pipelines of Azure DevOps cannot be dispatched.',
        instead: `${webhook} whose url is the incoming webhook of the service connection: https://dev.azure.com/${String(method.org)}/_apis/public/distributedtask/webhooks/${String(method.webhook)}?api-version=6.0-preview`,
      }
    case 'JENKINS':
      return {
        type: 'REFUSED',
        refused: type,
        field: 'type',
        why: 'Jobs of Jenkins cannot be dispatched.',
        instead: `${webhook} with the same url and body: the Generic Webhook Trigger plugin of Jenkins accepts it.`,
      }
    case 'SLACK':
      return {
        type: 'REFUSED',
        refused: type,
        field: 'type',
        why: 'Messages to Slack cannot be dispatched.',
        instead: `${webhook} with the same url and body, and synchronized: true.`,
      }
    default:
      return {
        type: 'REFUSED',
        refused: type,
        field: 'type',
        why: `The type ${type} is not known.`,
        instead: `Use an action of type GITHUB, GITLAB, INTEGRATION_ACTION, WEBHOOK, KAFKA or UPSERT_ENTITY.`,
      }
  }
}
