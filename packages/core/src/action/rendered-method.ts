import * as v from 'valibot'
import type { Json } from '../json.ts'
import type { InvocationType } from './invocation-method.ts'
import { anyText, jsonContainer, jsonObject, renderedFlag, text, workflowName } from './schemas.ts'
import { validate } from './validate.ts'

const object = v.pipe(
  v.nullish(jsonObject, null),
  v.transform((value) => value ?? {}),
)

/** Port's own default for GITLAB. */
const DEFAULT_REF = 'main'

/** The invocation methods after rendering: templates are values, flags are booleans, defaults are filled in. */
const SCHEMAS = {
  GITHUB: v.object({
    type: v.literal('GITHUB'),
    org: text,
    repo: text,
    workflow: v.pipe(workflowName, v.transform(String)),
    reportWorkflowStatus: v.nullish(renderedFlag, true),
    workflowInputs: object,
  }),
  GITLAB: v.object({
    type: v.literal('GITLAB'),
    projectName: text,
    groupName: text,
    defaultRef: v.pipe(
      v.nullish(anyText, DEFAULT_REF),
      v.transform((ref) => ref || DEFAULT_REF),
    ),
    pipelineVariables: object,
  }),
  WEBHOOK: v.object({
    type: v.literal('WEBHOOK'),
    url: text,
    agent: v.nullish(renderedFlag, false),
    synchronized: v.nullish(renderedFlag, false),
    method: v.pipe(
      v.nullish(anyText, 'POST'),
      v.transform((method) => method || 'POST'),
    ),
    headers: object,
    body: v.nullish(jsonContainer),
  }),
  KAFKA: v.object({
    type: v.literal('KAFKA'),
    payload: v.nullish(jsonContainer),
  }),
}

export type RenderedGithubMethod = v.InferOutput<(typeof SCHEMAS)['GITHUB']>
export type RenderedGitlabMethod = v.InferOutput<(typeof SCHEMAS)['GITLAB']>
export type RenderedWebhookMethod = v.InferOutput<(typeof SCHEMAS)['WEBHOOK']>
export type RenderedKafkaMethod = v.InferOutput<(typeof SCHEMAS)['KAFKA']>
export type RenderedMethod =
  | RenderedGithubMethod
  | RenderedGitlabMethod
  | RenderedWebhookMethod
  | RenderedKafkaMethod

/**
 * Checks what rendering made of an invocation method.
 *
 * @throws InputError naming the fields that did not render to what the method needs
 */
export function parseRenderedMethod(type: InvocationType, value: Json | undefined): RenderedMethod {
  return validate(SCHEMAS[type], value, 'The rendered invocation method') as RenderedMethod
}
