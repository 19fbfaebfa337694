export { type Action, type ParseActionOptions, parseAction } from './action.ts'
export type { ActionNote } from './action-note.ts'
export {
  type DispatchableGithubMethod,
  type DispatchableGitlabMethod,
  type DispatchableMethod,
  type DispatchableOptions,
  type DispatchableUpsertEntityMethod,
  type DispatchableWebhookMethod,
  type RefusedMethod,
  toDispatchable,
} from './dispatchable.ts'
export { terraformProblem } from './foreign-shape.ts'
export type {
  AzureDevopsMethod,
  EntityMapping,
  FlagTemplate,
  GithubMethod,
  GitlabMethod,
  IntegrationActionMethod,
  InvocationMethod,
  InvocationType,
  JenkinsMethod,
  KafkaMethod,
  ListedMethod,
  SlackMethod,
  UnlistedMethod,
  UnlistedType,
  UpsertEntityMethod,
  WebhookMethod,
} from './invocation-method.ts'
export {
  isInvocationType,
  type ParsedMethod,
  parseInvocationMethod,
} from './parse-invocation-method.ts'
export { parseRenderedMethod } from './parse-rendered-method.ts'
export { type RenderedInvocation, renderInvocationMethod } from './render-invocation-method.ts'
export type {
  DispatchWorkflowProperties,
  HttpMethod,
  RenderedAzureDevopsMethod,
  RenderedEntityMapping,
  RenderedGithubMethod,
  RenderedGitlabMethod,
  RenderedIntegrationActionMethod,
  RenderedJenkinsMethod,
  RenderedKafkaMethod,
  RenderedListedMethod,
  RenderedMethod,
  RenderedSlackMethod,
  RenderedUpsertEntityMethod,
  RenderedWebhookMethod,
  TriggerPipelineProperties,
} from './rendered-method.ts'
export { isNodeRunId, parseRunMessage, type RunMessage } from './run-message.ts'
export { parseTriggerData, type TriggerData } from './trigger-data.ts'
export { runMessageTemplate } from './v1.ts'
export { withActionType } from './with-action-type.ts'
