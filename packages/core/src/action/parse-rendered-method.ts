import * as v from 'valibot'
import type { Problem } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import { formatPath } from '../path.ts'
import { check, notValid } from '../schema/check.ts'
import {
  anyText,
  jsonContainer,
  jsonObject,
  name,
  namesWithSlashes,
  object,
  renderedFlag,
  text,
} from '../schema/schemas.ts'
import { readIntegrationAction, renderedWorkflow } from './integration-action.ts'
import type { InvocationType } from './invocation-method.ts'
import { isInvocationType } from './parse-invocation-method.ts'
import type {
  HttpMethod,
  RenderedListedMethod,
  RenderedMethod,
  RenderedWebhookMethod,
} from './rendered-method.ts'
import { withActionType } from './with-action-type.ts'

/** Port's own default for GITLAB. */
const DEFAULT_REF = 'main'
const BLUEPRINT = 'the identifier of a blueprint'
const HTTP_METHODS: readonly HttpMethod[] = ['POST', 'PUT', 'PATCH', 'GET', 'DELETE']

const SCALAR = 'a string, a number or a boolean'
const scalar = v.union([v.string(), v.number(), v.boolean()], SCALAR)

const webhook = {
  url: text,
  agent: v.optional(renderedFlag, false),
  synchronized: v.optional(renderedFlag, false),
  method: v.pipe(
    v.optional(anyText, 'POST'),
    v.transform((method) => (method || 'POST').toUpperCase()),
    v.picklist(HTTP_METHODS, `one of ${HTTP_METHODS.join(', ')}`),
  ),
  headers: v.optional(v.pipe(jsonObject, v.record(v.string(), v.nullable(scalar))), {}),
  body: v.exactOptional(jsonContainer),
  onTimeout: v.exactOptional(v.picklist(['fail', 'continue'], 'fail or continue')),
}

const SCHEMAS: {
  [Type in InvocationType]: v.GenericSchema<
    unknown,
    Type extends 'INTEGRATION_ACTION'
      ? { type: Type; integrationActionType: string }
      : Extract<RenderedListedMethod, { type: Type }>
  >
} = {
  GITHUB: object({
    type: v.literal('GITHUB'),
    org: name('the name of an organization or user'),
    repo: name('the name of a repository, without its owner'),
    workflow: renderedWorkflow(),
    reportWorkflowStatus: v.optional(renderedFlag, true),
    workflowInputs: v.optional(jsonObject, {}),
  }),
  GITLAB: object({
    type: v.literal('GITLAB'),
    projectName: name('the name of a project, without its group'),
    groupName: namesWithSlashes('the name of a group, with its subgroups: group/subgroup'),
    defaultRef: v.pipe(
      v.optional(anyText, DEFAULT_REF),
      v.transform((ref) => ref || DEFAULT_REF),
    ),
    pipelineVariables: v.optional(jsonObject, {}),
  }),
  WEBHOOK: object({ type: v.literal('WEBHOOK'), ...webhook }),
  KAFKA: object({ type: v.literal('KAFKA'), payload: v.exactOptional(jsonContainer) }),
  INTEGRATION_ACTION: object({
    type: v.literal('INTEGRATION_ACTION'),
    installationId: v.exactOptional(anyText),
    integrationActionType: text,
    integrationActionExecutionProperties: v.exactOptional(jsonObject),
  }),
  UPSERT_ENTITY: object({
    type: v.literal('UPSERT_ENTITY'),
    // Unlike other names it can hold a backslash.
    blueprintIdentifier: v.pipe(
      v.string(BLUEPRINT),
      v.check((id) => !/^\.{0,2}$|[/\p{Cc}]/u.test(id), BLUEPRINT),
    ),
    mapping: object({
      identifier: v.exactOptional(scalar),
      title: v.exactOptional(scalar),
      icon: v.exactOptional(anyText),
      team: v.exactOptional(
        v.union([v.string(), v.array(v.string())], 'a string or an array of strings'),
      ),
      properties: v.optional(jsonObject, {}),
      relations: v.optional(jsonObject, {}),
    }),
  }),
  AZURE_DEVOPS: object({
    type: v.literal('AZURE_DEVOPS'),
    org: name('the name of an organization'),
    webhook: text,
    payload: v.exactOptional(jsonContainer),
  }),
  JENKINS: object({ type: v.literal('JENKINS'), ...webhook }),
  SLACK: object({ type: v.literal('SLACK'), ...webhook }),
}

/**
 * Checks what rendering made of an invocation method. Null means that an optional field is absent. A method of a type
 * that is not known stays as it is.
 *
 * @param type that of the definition: it is not a template
 * @param subject what was rendered, as the user knows it
 * @throws InputError naming the fields that did not render to what the method needs
 */
export function parseRenderedMethod(
  type: string,
  value: Json | undefined,
  subject = 'The rendered invocation method',
): RenderedMethod {
  if (!isInvocationType(type)) {
    const fields = isJsonObject(value) ? value : {}
    // The name of its type is what `UnlistedType` stands for.
    return { ...fields, type } as unknown as RenderedMethod
  }
  const named = isJsonObject(value) ? withActionType(value) : value
  const checked = check<unknown>(SCHEMAS[type], named)
  if (!checked.ok) throw notValid(subject, checked.problems)
  const rendered = checked.output as RenderedListedMethod
  const problems = furtherProblems(rendered)
  if (problems.length > 0) throw notValid(subject, problems)
  return rendered
}

function furtherProblems(method: RenderedListedMethod): Problem[] {
  if (method.type === 'INTEGRATION_ACTION') {
    const action = readIntegrationAction(method)
    return action.type === 'invalid' ? action.problems : []
  }
  if ('headers' in method) return headerProblems(method.headers)
  return []
}

/** What HTTP does not allow in a header (RFC 9110, 5.1 and 5.5). Values are not shown: they hold credentials. */
function headerProblems(headers: RenderedWebhookMethod['headers']): Problem[] {
  return Object.entries(headers).flatMap(([key, value]) => {
    const path = formatPath(['headers', key])
    if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(key)) {
      return [{ path, found: 'is not a name that HTTP allows for a header' }]
    }
    if (/[^\t\x20-\x7e\x80-\xff]/.test(String(value))) {
      return [
        {
          path,
          found: 'has a character that HTTP does not allow in a header, such as a line break',
        },
      ]
    }
    return []
  })
}
