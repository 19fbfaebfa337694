import type { Json, JsonObject } from '../json.ts'
import type { IntegrationActionMethod, UnlistedMethod } from './invocation-method.ts'

// The invocation methods after rendering: templates are values, flags are booleans, defaults are filled in.

export interface RenderedGithubMethod {
  type: 'GITHUB'
  org: string
  repo: string
  /** File name or id. */
  workflow: string
  reportWorkflowStatus: boolean
  /** With the entry `ref`, if it names a branch or tag. */
  workflowInputs: JsonObject
}

export interface RenderedGitlabMethod {
  type: 'GITLAB'
  projectName: string
  /** Can hold subgroups: `group/sub`. */
  groupName: string
  defaultRef: string
  pipelineVariables: JsonObject
  /**
   * Further fields of the request that triggers the pipeline, which reads them from the file `$TRIGGER_PAYLOAD`. No
   * definition has them: Port's agent sends the run message as `port_payload`.
   */
  triggerPayload?: JsonObject
}

export interface RenderedWebhookMethod {
  type: 'WEBHOOK'
  /** An absolute URL, if the definition is more than a draft: {@link toDispatchable} checks it. */
  url: string
  /** Whether a self-hosted agent sends the request. */
  agent: boolean
  /** Whether the HTTP status ends the Port run. */
  synchronized: boolean
  method: HttpMethod
  /** Null: the header is not sent. */
  headers: Record<string, string | number | boolean | null>
  /** Absent: Port sends the run message. Null: nothing is sent. A definition has an object or an array. */
  body?: Json
  /** What a timeout means for a workflow of Port. */
  onTimeout?: 'fail' | 'continue'
}

export type HttpMethod = 'POST' | 'PUT' | 'PATCH' | 'GET' | 'DELETE'

export interface RenderedKafkaMethod {
  type: 'KAFKA'
  /** Absent: Port sends the run message. */
  payload?: JsonObject | Json[]
}

/** As the definition has it. {@link toDispatchable} reads its properties. */
export interface RenderedIntegrationActionMethod extends IntegrationActionMethod {}

/** The properties of `dispatch_workflow`, rendered. */
export interface DispatchWorkflowProperties {
  /** Absent if the integration is installed for one organization. */
  org?: string
  repo: string
  workflow: string
  /** Branch or tag. */
  ref?: string
  workflowInputs: JsonObject
  reportWorkflowStatus: boolean
}

/** The properties of `trigger_pipeline`, rendered. */
export interface TriggerPipelineProperties {
  /** Full path or id of the project. */
  project: string
  ref: string
  pipelineVariables: JsonObject
  reportPipelineStatus: boolean
}

export interface RenderedUpsertEntityMethod {
  type: 'UPSERT_ENTITY'
  blueprintIdentifier: string
  mapping: RenderedEntityMapping
}

export interface RenderedEntityMapping {
  /** Port generates one if it is absent. */
  identifier?: string | number | boolean
  title?: string | number | boolean
  icon?: string
  team?: string | string[]
  properties: JsonObject
  relations: JsonObject
}

export interface RenderedAzureDevopsMethod {
  type: 'AZURE_DEVOPS'
  org: string
  webhook: string
  payload?: JsonObject | Json[]
}

export interface RenderedJenkinsMethod extends Omit<RenderedWebhookMethod, 'type'> {
  type: 'JENKINS'
}

export interface RenderedSlackMethod extends Omit<RenderedWebhookMethod, 'type'> {
  type: 'SLACK'
}

export type RenderedListedMethod =
  | RenderedGithubMethod
  | RenderedGitlabMethod
  | RenderedWebhookMethod
  | RenderedKafkaMethod
  | RenderedIntegrationActionMethod
  | RenderedUpsertEntityMethod
  | RenderedAzureDevopsMethod
  | RenderedJenkinsMethod
  | RenderedSlackMethod

export type RenderedMethod = RenderedListedMethod | UnlistedMethod
