import * as v from 'valibot'
import { InputError } from '../errors.ts'
import { isJsonObject } from '../json.ts'
import {
  anyJson,
  anyText,
  flagTemplate,
  jsonContainer,
  jsonObject,
  text,
  workflowName,
} from './schemas.ts'
import { validate } from './validate.ts'

/**
 * The invocation methods as Port stores them (`invocationMethod` of an action). Every string may hold `{{ jq }}`
 * templates; flags may be booleans or templates.
 */
const SCHEMAS = {
  GITHUB: v.objectWithRest(
    {
      type: v.literal('GITHUB'),
      org: text,
      repo: text,
      /** File name or id of the workflow. */
      workflow: workflowName,
      reportWorkflowStatus: v.optional(flagTemplate),
      workflowInputs: v.nullish(jsonObject),
    },
    anyJson,
  ),
  GITLAB: v.objectWithRest(
    {
      type: v.literal('GITLAB'),
      projectName: text,
      /** May hold subgroups: `group/sub`. */
      groupName: text,
      defaultRef: v.nullish(anyText),
      pipelineVariables: v.nullish(jsonObject),
    },
    anyJson,
  ),
  WEBHOOK: v.objectWithRest(
    {
      type: v.literal('WEBHOOK'),
      url: text,
      agent: v.optional(flagTemplate),
      synchronized: v.optional(flagTemplate),
      method: v.nullish(anyText),
      headers: v.nullish(jsonObject),
      body: v.nullish(jsonContainer),
    },
    anyJson,
  ),
  KAFKA: v.objectWithRest(
    {
      type: v.literal('KAFKA'),
      payload: v.nullish(jsonContainer),
    },
    anyJson,
  ),
}

export type InvocationType = keyof typeof SCHEMAS

export type GithubMethod = v.InferOutput<(typeof SCHEMAS)['GITHUB']>
export type GitlabMethod = v.InferOutput<(typeof SCHEMAS)['GITLAB']>
export type WebhookMethod = v.InferOutput<(typeof SCHEMAS)['WEBHOOK']>
export type KafkaMethod = v.InferOutput<(typeof SCHEMAS)['KAFKA']>
export type InvocationMethod = GithubMethod | GitlabMethod | WebhookMethod | KafkaMethod

/**
 * @param subject what is parsed, as the user knows it: `examples/deploy/action.json`
 * @param base path of the invocation method within the subject
 * @throws InputError with every problem
 */
export function parseInvocationMethod(
  value: unknown,
  subject = 'The invocation method',
  base: readonly string[] = [],
): InvocationMethod {
  const type = invocationType(value, subject, base)
  return validate(SCHEMAS[type], value, subject, base) as InvocationMethod
}

function invocationType(value: unknown, subject: string, base: readonly string[]): InvocationType {
  const supported = Object.keys(SCHEMAS).join(', ')
  const refuse = (found: string): never => {
    throw new InputError(`${subject} is not valid:`, [
      { path: [...base, 'type'].join('.'), found: `${found}; supported are ${supported}` },
    ])
  }
  if (!isJsonObject(value)) return refuse('found no invocation method')
  const { type } = value
  if (type === undefined) return refuse('is missing')
  if (typeof type === 'string' && Object.hasOwn(SCHEMAS, type)) return type as InvocationType
  return refuse(`found ${JSON.stringify(type)}`)
}
