// Apart from the parser, whose types others see: those of schemas are none that people write.
import * as v from 'valibot'
import {
  anyText,
  described,
  flagTemplate,
  jsonContainer,
  jsonObject,
  object,
  text,
  workflowName,
} from '../schema/schemas.ts'
import type { InvocationType } from './invocation-method.ts'

const optional = v.exactOptional
const TEMPLATES = 'Strings and keys can hold templates: {{ .inputs.name }}.'

const webhook = {
  url: described(
    text,
    'Where the request is sent.',
    'https://example.com/hooks/{{ .inputs.name }}',
  ),
  agent: optional(
    described(flagTemplate, 'Whether a self-hosted agent sends the request. Default: false.'),
  ),
  synchronized: optional(
    described(
      flagTemplate,
      "Whether the status of the response ends the run. Default: false; true in the nodes of Port's workflows.",
    ),
  ),
  method: optional(
    described(anyText, 'POST (default), PUT, PATCH, GET or DELETE.', 'POST', 'PUT', 'PATCH'),
  ),
  headers: optional(
    described(jsonObject, `Headers of the request. ${TEMPLATES}`, { 'X-Run-Id': '{{ .run.id }}' }),
  ),
  body: optional(described(jsonContainer, `Body of the request. ${TEMPLATES}`)),
  onTimeout: optional(
    described(
      anyText,
      "In nodes of Port's workflows: fail (default) or continue.",
      'fail',
      'continue',
    ),
  ),
}

/** The fields of each type of invocation method. */
export const METHOD_ENTRIES = {
  GITHUB: {
    type: v.literal('GITHUB'),
    org: described(text, 'The organization or user that owns the repository.', 'acme'),
    repo: described(text, 'The name of the repository, without its owner.', 'services'),
    workflow: described(workflowName, 'File name or ID of the workflow.', 'deploy.yml'),
    reportWorkflowStatus: optional(
      described(
        flagTemplate,
        'Whether the end of the workflow ends the run. Default: true. Set it to false if a step of the workflow reports the end.',
      ),
    ),
    workflowInputs: optional(
      described(
        jsonObject,
        `The inputs of the workflow. ref names the branch or tag and is not an input. ${TEMPLATES}`,
        { environment: '{{ .inputs.environment }}', port_run_id: '{{ .run.id }}' },
      ),
    ),
  },
  GITLAB: {
    type: v.literal('GITLAB'),
    projectName: described(text, 'The name of the project, without its group.', 'provisioning'),
    groupName: described(text, 'The group, with its subgroups.', 'acme/platform'),
    defaultRef: optional(
      described(
        anyText,
        'Branch or tag of the pipeline. A user input named ref takes precedence. Default: main.',
        'main',
      ),
    ),
    pipelineVariables: optional(
      described(jsonObject, `The variables of the pipeline. ${TEMPLATES}`, {
        ENVIRONMENT: '{{ .inputs.environment }}',
        PORT_RUN_ID: '{{ .run.id }}',
      }),
    ),
    agent: optional(described(flagTemplate, 'Of older definitions.')),
  },
  WEBHOOK: { type: v.literal('WEBHOOK'), ...webhook },
  KAFKA: {
    type: v.literal('KAFKA'),
    payload: optional(
      described(jsonContainer, `The message. Default: the run with its inputs. ${TEMPLATES}`),
    ),
  },
  INTEGRATION_ACTION: {
    type: v.literal('INTEGRATION_ACTION'),
    installationId: optional(
      described(anyText, 'Identifier of the installation of the integration in Port.'),
    ),
    integrationActionType: described(
      text,
      'What the integration does.',
      'dispatch_workflow',
      'trigger_pipeline',
    ),
    integrationActionExecutionProperties: optional(
      described(jsonObject, `The properties of the action of the integration. ${TEMPLATES}`),
    ),
  },
  UPSERT_ENTITY: {
    type: v.literal('UPSERT_ENTITY'),
    blueprintIdentifier: described(text, 'Identifier of the blueprint of the entity.', 'service'),
    mapping: described(
      object({
        identifier: optional(described(anyText, 'Port generates one if it is absent.')),
        title: optional(anyText),
        icon: optional(anyText),
        team: optional(
          v.union([v.string(), v.array(v.string())], 'a string or an array of strings'),
        ),
        properties: optional(jsonObject),
        relations: optional(jsonObject),
      }),
      `The entity that is written. ${TEMPLATES}`,
    ),
  },
  AZURE_DEVOPS: {
    type: v.literal('AZURE_DEVOPS'),
    org: described(text, 'The organization.'),
    webhook: described(text, 'The name of the incoming webhook.'),
    payload: optional(described(jsonContainer, `The body of the request. ${TEMPLATES}`)),
  },
  JENKINS: { type: v.literal('JENKINS'), ...webhook },
  SLACK: { type: v.literal('SLACK'), ...webhook },
} satisfies Record<InvocationType, v.ObjectEntries>
