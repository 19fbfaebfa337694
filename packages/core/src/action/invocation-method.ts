import type { Json, JsonObject } from '../json.ts'

// The invocation methods as Port stores them (`invocationMethod` of an action). Every string may hold `{{ jq }}`
// templates. Port documents the fields at `PUT /v1/actions/{action_identifier}`; what no page documents is named below.

/** A flag as Port stores it: a boolean or a template. */
export type FlagTemplate = boolean | string

/** Starts a GitHub workflow through Port's GitHub app. */
export interface GithubMethod {
  type: 'GITHUB'
  org: string
  repo: string
  /** File name or id of the workflow. */
  workflow: string | number
  /** Whether the end of the workflow ends the Port run. Default true. */
  reportWorkflowStatus?: FlagTemplate
  /** The inputs of the workflow. The entry `ref` names the branch or tag and is not an input. */
  workflowInputs?: JsonObject
}

/** Starts a GitLab pipeline through Port's agent. */
export interface GitlabMethod {
  type: 'GITLAB'
  projectName: string
  /** Can hold subgroups: `group/sub`. */
  groupName: string
  /** A user input named `ref` takes precedence. Default `main`. */
  defaultRef?: string
  pipelineVariables?: JsonObject
  /** Of older definitions and of run messages. */
  agent?: FlagTemplate
}

/** Sends an HTTP request. */
export interface WebhookMethod {
  type: 'WEBHOOK'
  url: string
  /** Whether a self-hosted agent sends the request. Default false. */
  agent?: FlagTemplate
  /** Whether the HTTP status ends the Port run. Default false; true in the nodes of Port's workflows. */
  synchronized?: FlagTemplate
  /** `POST` (default), `PUT`, `PATCH`, `GET` or `DELETE`. */
  method?: string
  headers?: JsonObject
  body?: JsonObject | Json[]
  /** Of the nodes of Port's workflows: `fail` (default) or `continue`. */
  onTimeout?: string
}

/** Sends a message to the organization's topic `{orgId}.runs`. */
export interface KafkaMethod {
  type: 'KAFKA'
  payload?: JsonObject | Json[]
}

/**
 * Lets one of Port's integrations act. The properties of the action stand under
 * `integrationActionExecutionProperties` or beside the type.
 */
export interface IntegrationActionMethod {
  type: 'INTEGRATION_ACTION'
  installationId?: string
  /** `dispatch_workflow`, `trigger_pipeline` or another action of the integration. */
  integrationActionType: string
  integrationActionExecutionProperties?: JsonObject
  [property: string]: Json
}

/** The entity that {@link UpsertEntityMethod} writes. */
export interface EntityMapping {
  /** Port generates one if it is absent. */
  identifier?: string
  title?: string
  icon?: string
  team?: string | string[]
  properties?: JsonObject
  relations?: JsonObject
}

/** Creates or updates an entity of Port's catalog. */
export interface UpsertEntityMethod {
  type: 'UPSERT_ENTITY'
  blueprintIdentifier: string
  mapping: EntityMapping
}

/** Calls an incoming webhook of Azure DevOps. */
export interface AzureDevopsMethod {
  type: 'AZURE_DEVOPS'
  org: string
  webhook: string
  payload?: JsonObject | Json[]
}

/** Calls a webhook of Jenkins. From Port's guides. */
export interface JenkinsMethod extends Omit<WebhookMethod, 'type'> {
  type: 'JENKINS'
}

/** Calls a webhook of Slack. From Port's guides. */
export interface SlackMethod extends Omit<WebhookMethod, 'type'> {
  type: 'SLACK'
}

/**
 * Stands for every type that is not listed here. At run time it is the name of that type; a literal here, so that
 * `switch (method.type)` tells the listed types apart.
 */
export type UnlistedType = 'UNLISTED'

/** A method of a type that Port added later, as it is. */
export interface UnlistedMethod {
  type: UnlistedType
  [field: string]: Json
}

export type ListedMethod =
  | GithubMethod
  | GitlabMethod
  | WebhookMethod
  | KafkaMethod
  | IntegrationActionMethod
  | UpsertEntityMethod
  | AzureDevopsMethod
  | JenkinsMethod
  | SlackMethod

/** The types whose fields are known and checked. */
export type InvocationType = ListedMethod['type']

export type InvocationMethod = ListedMethod | UnlistedMethod
