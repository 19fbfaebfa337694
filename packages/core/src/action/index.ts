export { type Action, parseAction } from './action.ts'
export {
  type GithubMethod,
  type GitlabMethod,
  type InvocationMethod,
  type InvocationType,
  type KafkaMethod,
  parseInvocationMethod,
  type WebhookMethod,
} from './invocation-method.ts'
export { type RenderedInvocation, renderInvocationMethod } from './render-invocation-method.ts'
export {
  parseRenderedMethod,
  type RenderedGithubMethod,
  type RenderedGitlabMethod,
  type RenderedKafkaMethod,
  type RenderedMethod,
  type RenderedWebhookMethod,
} from './rendered-method.ts'
export { parseTriggerData, type TriggerData } from './trigger-data.ts'
