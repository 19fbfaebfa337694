/** A mistake that people make, planted into an example that is right. */
export interface Planted {
  what: string
  /** The file of the example, and what is replaced in it; `from` occurs in it. */
  edits: readonly { file: string; from: string; to: string }[]
  /** What a finding about it has to speak of. */
  speaksOf: RegExp
}

const WORKFLOW = {
  'deploy-service': '.github/workflows/deploy.yml',
  'scaffold-service': '.github/workflows/scaffold-service.yml',
  'redeploy-on-upgrade': '.github/workflows/redeploy.yaml',
}

const action = (from: string, to: string) => ({ file: 'action.json', from, to })
const pipeline = (from: string, to: string) => ({ file: '.gitlab-ci.yml', from, to })

/**
 * Ten mistakes in each of six examples. The set was written before the rules, from what Port's documentation and public
 * issues show that people do. What it lists is not what the rules happen to find.
 */
export const PLANTED: Readonly<Record<string, readonly Planted[]>> = {
  'deploy-service': [
    {
      what: 'a user input is misspelled in a template',
      edits: [action('.inputs.version', '.inputs.verison')],
      speaksOf: /verison.*version/s,
    },
    {
      what: 'an input is sent that the workflow does not declare',
      edits: [action('"service": "{{', '"service_name": "{{')],
      speaksOf: /service_name/,
    },
    {
      what: 'a required input of the workflow is not sent',
      edits: [action('"service": "{{ .entity.identifier }}",', '')],
      speaksOf: /service/,
    },
    {
      what: 'an enum has a value that is not an option of the choice',
      edits: [action('["staging", "production"]', '["staging", "prod"]')],
      speaksOf: /prod\b/,
    },
    {
      what: 'the workflow has another file name',
      edits: [action('"deploy.yml"', '"deploy.yaml"')],
      speaksOf: /deploy\.yaml/,
    },
    {
      what: 'the workflow has no workflow_dispatch',
      edits: [
        { file: WORKFLOW['deploy-service'], from: 'workflow_dispatch:', to: 'workflow_call:' },
      ],
      speaksOf: /workflow_dispatch/,
    },
    {
      what: 'the run id has a name under which nothing finds it',
      edits: [
        action('"port_run_id"', '"portrun"'),
        { file: WORKFLOW['deploy-service'], from: 'inputs.port_run_id', to: 'inputs.portrun' },
        { file: WORKFLOW['deploy-service'], from: '      port_run_id:', to: '      portrun:' },
      ],
      speaksOf: /run ID|run id/,
    },
    {
      what: 'nobody ends the Port run',
      edits: [
        {
          file: WORKFLOW['deploy-service'],
          from: 'uses: port-dispatch/port-dispatch@v1',
          to: 'uses: actions/checkout@v5',
        },
      ],
      speaksOf: /ends?\b.*run|report/is,
    },
    {
      what: 'a number is sent to a boolean input',
      edits: [action('"dry_run": "{{ .inputs.dry_run }}"', '"dry_run": "{{ .inputs.replicas }}"')],
      speaksOf: /dry_run/,
    },
    {
      what: 'REPORT reads JSON that a later step has not yet made',
      edits: [
        {
          file: WORKFLOW['deploy-service'],
          from: `\${{ steps.deploy.outputs.summary }}`,
          to: `\${{ fromJSON(steps.deploy.outputs.result).summary }}`,
        },
      ],
      speaksOf: /fromJSON/,
    },
  ],
  'scaffold-service': [
    {
      what: 'required names an input that does not exist',
      edits: [action('"required": ["service_name",', '"required": ["name",')],
      speaksOf: /"?name"?/,
    },
    {
      what: 'order names an input that does not exist',
      edits: [action('"language", "owner_team"]', '"language", "team"]')],
      speaksOf: /team/,
    },
    {
      what: 'the default is not in the enum',
      edits: [action('"default": "typescript"', '"default": "Typescript"')],
      speaksOf: /Typescript/,
    },
    {
      what: 'an action that creates an entity uses the entity',
      edits: [action('{{ .action.blueprint }}', '{{ .entity.blueprint }}')],
      speaksOf: /entity/,
    },
    {
      what: 'a function that jq does not have',
      edits: [action('ascii_downcase', 'lowercase')],
      speaksOf: /lowercase/,
    },
    {
      what: 'single quotes where Port does not turn them into double ones',
      edits: [action('| ascii_downcase', "| ltrimstr('svc-')")],
      speaksOf: /syntax|quote/i,
    },
    {
      what: 'the run id stands under a key of port_context that nobody reads',
      edits: [action('"runId": "{{ .run.id }}"', '"portRunId": "{{ .run.id }}"')],
      speaksOf: /run ID|run id/,
    },
    {
      what: 'a template has single braces',
      edits: [action('"{{ .inputs.language }}"', '"{ .inputs.language }"')],
      speaksOf: /language/,
    },
    {
      what: 'a block is not closed',
      edits: [action('"{{ .inputs.language }}"', '"{{ .inputs.language }"')],
      speaksOf: /closed/,
    },
    {
      what: 'the workflow declares an input named ref',
      edits: [
        action('"language": "{{ .inputs.language }}"', '"ref": "{{ .inputs.language }}"'),
        { file: WORKFLOW['scaffold-service'], from: '      language:', to: '      ref:' },
      ],
      speaksOf: /\bref\b/,
    },
  ],
  'redeploy-on-upgrade': [
    {
      what: 'an automation uses user inputs',
      edits: [action('{{ .event.context.entityIdentifier }}', '{{ .inputs.service }}')],
      speaksOf: /inputs/,
    },
    {
      what: 'a field of the event context has another name',
      edits: [action('.event.context.entityIdentifier', '.event.context.identifier')],
      speaksOf: /entityIdentifier/,
    },
    {
      what: 'properties is left out of the path of an entity',
      edits: [
        action(
          '{{ .event.diff.after.properties.latestVersion }}',
          '{{ .event.diff.after.latestVersion }}',
        ),
      ],
      speaksOf: /properties\.latestVersion/,
    },
    {
      what: 'the condition has the syntax of JavaScript',
      edits: [action('latestVersion != .diff', 'latestVersion !== .diff')],
      speaksOf: /syntax/i,
    },
    {
      what: 'the condition looks for the event below event',
      edits: [action('.diff.before.properties', '.event.diff.before.properties')],
      speaksOf: /\.event/,
    },
    {
      what: 'text is spread',
      edits: [
        action(
          '{{ .event.diff.after.properties.deployOptions // {} }}',
          '{{ .event.context.entityIdentifier }}',
        ),
      ],
      speaksOf: /spread|object/,
    },
    {
      what: 'a constant is not an option of the choice',
      edits: [action('"environment": "staging"', '"environment": "Staging"')],
      speaksOf: /Staging/,
    },
    {
      what: 'an event that Port does not have',
      edits: [action('ENTITY_UPDATED', 'ENTITY_UPDATE')],
      speaksOf: /ENTITY_UPDATED/,
    },
    {
      what: 'a secret is sent as an input of the workflow',
      edits: [
        action(
          '"environment": "staging",',
          '"environment": "staging", "token": "{{ .secrets.DEPLOY_TOKEN }}",',
        ),
      ],
      speaksOf: /secret/i,
    },
    {
      what: 'a created entity has no state before',
      edits: [action('ENTITY_UPDATED', 'ENTITY_CREATED')],
      speaksOf: /before/,
    },
  ],
  'provision-database': [
    {
      what: 'a misspelled root',
      edits: [action('{{ .inputs.name }}', '{{ .input.name }}')],
      speaksOf: /\.inputs/,
    },
    {
      what: 'a variable with a dash in its name',
      edits: [action('"SIZE_GB"', '"SIZE-GB"')],
      speaksOf: /SIZE-GB/,
    },
    {
      what: 'workflow:rules let no triggered pipeline be created',
      edits: [
        pipeline(
          '    - if: $CI_PIPELINE_SOURCE == "trigger"\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
          '    - if: $CI_PIPELINE_SOURCE == "push"',
        ),
      ],
      speaksOf: /workflow/,
    },
    {
      what: 'no job runs in a triggered pipeline',
      edits: [
        pipeline(
          '    - if: $CI_PIPELINE_SOURCE == "trigger" && $NAME',
          '    - if: $CI_PIPELINE_SOURCE == "web"',
        ),
      ],
      speaksOf: /job/,
    },
    {
      what: 'the run id has a name under which nothing finds it',
      edits: [action('"PORT_RUN_ID"', '"PORT_RUN"')],
      speaksOf: /run ID|run id/,
    },
    {
      what: 'nobody ends the Port run',
      edits: [
        pipeline(
          'include:\n  - component: gitlab.com/port-dispatch/port-dispatch/report@0.1.0\n',
          '',
        ),
      ],
      speaksOf: /report/,
    },
    {
      what: 'the pipeline needs an input that a variable cannot fill',
      edits: [
        pipeline(
          'include:',
          'spec:\n  inputs:\n    environment:\n      options: [staging, production]\n---\ninclude:',
        ),
      ],
      speaksOf: /environment/,
    },
    {
      what: 'the default of a number is text',
      edits: [action('"default": 10', '"default": "10"')],
      speaksOf: /size_gb|number/,
    },
    {
      what: 'whoever runs the action chooses the names of variables',
      edits: [
        action(
          '"TAGS": "{{ .inputs.tags // {} }}"',
          '"{{ spreadValue() }}": "{{ .inputs.tags // {} }}"',
        ),
      ],
      speaksOf: /tags/,
    },
    {
      what: 'a branch where GITLAB does not read it',
      edits: [action('"defaultRef"', '"ref"')],
      speaksOf: /defaultRef/,
    },
  ],
  'restart-service': [
    {
      what: 'a secret in an address',
      edits: [
        action(
          '{{ .inputs.environment }}"',
          '{{ .inputs.environment }}?token={{ .secrets.HOOKS_TOKEN }}"',
        ),
      ],
      speaksOf: /secret/i,
    },
    {
      what: 'the user is looked for in the wrong place',
      edits: [action('.trigger.by.user.email', '.trigger.user.email')],
      speaksOf: /trigger\.by/,
    },
    {
      what: 'an entity has no name',
      edits: [action('.entity.title', '.entity.name')],
      speaksOf: /\.entity\.name/,
    },
    {
      what: 'a method that HTTP does not have',
      edits: [action('"POST"', '"PSOT"')],
      speaksOf: /POST/,
    },
    {
      what: 'the body of a webhook is called payload',
      edits: [action('"body"', '"payload"')],
      speaksOf: /body/,
    },
    {
      what: 'visible asks for an input that does not exist',
      edits: [action('.form.environment ==', '.form.env ==')],
      speaksOf: /\.form\.env/,
    },
    {
      what: 'dependsOn names an input that does not exist',
      edits: [action('"dependsOn": ["region"]', '"dependsOn": ["regoin"]')],
      speaksOf: /regoin.*region/s,
    },
    {
      what: 'the id of the run has another name',
      edits: [action('{{ .run.id }}', '{{ .run.identifier }}')],
      speaksOf: /\.run\.id\b/,
    },
    {
      what: 'a string that jq does not end',
      edits: [action('\\"not given\\"', '\\"not given')],
      speaksOf: /"|string|closed/,
    },
    {
      what: 'an input of an unknown type',
      edits: [action('"region": { "type": "string" }', '"region": { "type": "text" }')],
      speaksOf: /text/,
    },
  ],
  'rotate-secret': [
    {
      what: 'a dash in the name of a secret',
      edits: [action('.secrets[\\"broker-token\\"]', '.secrets.broker-token')],
      speaksOf: /token/,
    },
    {
      what: 'secret without s',
      edits: [action('.secrets[', '.secret[')],
      speaksOf: /\.secrets/,
    },
    {
      what: 'a function is called with empty parentheses',
      edits: [action('ascii_downcase', 'ascii_downcase()')],
      speaksOf: /syntax/i,
    },
    {
      what: 'a dot before a bracket, which jq 1.6 does not accept',
      edits: [action('[.inputs.notify[]? | ascii_downcase]', '.inputs.notify.[0]')],
      speaksOf: /jq 1\.[67]/,
    },
    {
      what: 'a function that jq 1.6 lacks',
      edits: [action('ascii_downcase', 'trim')],
      speaksOf: /trim/,
    },
    {
      what: 'and is written as in JavaScript',
      edits: [action('< 7 and', '< 7 &&')],
      speaksOf: /syntax|and/i,
    },
    {
      what: 'required is not a list',
      edits: [action('"required": ["secret"]', '"required": "secret"')],
      speaksOf: /required/,
    },
    {
      what: 'a default beyond the maximum',
      edits: [action('"default": 30', '"default": 300')],
      speaksOf: /300|maximum/,
    },
    {
      what: 'a flag that is neither true nor false',
      edits: [action('"synchronized": true', '"synchronized": "yes"')],
      speaksOf: /synchronized/,
    },
    {
      what: 'an input is used that was renamed',
      edits: [action('"days": { "type": "number"', '"lifetime": { "type": "number"')],
      speaksOf: /days/,
    },
  ],
}
