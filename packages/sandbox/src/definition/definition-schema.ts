// What a definition is made of, for those who read and write one: the checks and the descriptions that editors show.
import { described, jsonObject, object, recordOf, text } from '@port-dispatch/core/schema'
import * as v from 'valibot'
import type { SandboxDefinition } from './definition.ts'

const optional = v.exactOptional
const scalar = v.union([v.string(), v.number(), v.boolean()], 'a string, a number, true or false')
const id = v.pipe(
  v.number('a positive whole number'),
  v.integer('a positive whole number'),
  v.minValue(1, 'a positive whole number'),
)
const SECONDS = 'a number of seconds, 0 or more'
const seconds = v.pipe(v.number(SECONDS), v.minValue(0, SECONDS))

function oneOf<const Options extends readonly string[]>(...options: Options) {
  return v.picklist(options, `one of ${options.join(', ')}`)
}

function listOf<Item extends v.GenericSchema<unknown, unknown>>(item: Item) {
  return v.array(item, 'a list')
}

const condition = recordOf(v.union([scalar, listOf(scalar)], 'a value or a list of values'))

const NODE_RUN = 'an identifier, "wfnr_…"'
const port = object(
  {
    organization: described(text, 'Identifier of the organization.', 'org_acme'),
    credentials: described(
      listOf(object({ clientId: text, clientSecret: text }, 'refused')),
      'API credentials that are accepted.',
    ),
    tokenLifetime: optional(
      described(seconds, 'Lifetime of an access token in seconds. Default: 3 hours, as in Port.'),
    ),
    kafka: optional(
      described(
        object({ brokers: listOf(text), username: text, password: text }, 'refused'),
        'What GET /v1/kafka-credentials gives. Without it the organization has no Kafka.',
      ),
    ),
    actions: optional(
      described(
        listOf(
          object({
            identifier: text,
            trigger: jsonObject,
            invocationMethod: object({ type: text }),
          }),
        ),
        'Actions as the API of Port stores them. The sandbox reads the user inputs of their triggers.',
      ),
    ),
    nodeRuns: optional(
      described(
        listOf(v.pipe(v.string(NODE_RUN), v.regex(/^wfnr_[\w-]+$/, NODE_RUN))),
        'Identifiers of workflow node runs that exist when the sandbox starts.',
        ['wfnr_Deploy00000001'],
      ),
    ),
    runs: optional(
      described(
        listOf(
          object(
            {
              id: described(text, 'ID of the run.', 'r_MyRun0000000001'),
              action: described(text, 'Identifier of one of the actions.'),
              properties: optional(described(jsonObject, 'The user inputs.')),
              entity: optional(
                described(text, 'Identifier of the entity that the action was started on.'),
              ),
            },
            'refused',
          ),
        ),
        'Runs that exist when the sandbox starts.',
      ),
    ),
  },
  'refused',
)

const when = described(
  condition,
  'Each named input or variable must have the value, or one of the values. Values are compared as text.',
  { environment: ['staging', 'production'] },
)
const log = described(listOf(text), 'Lines that it prints.')

const workflow = object(
  {
    content: described(
      text,
      'The text of a workflow file. The sandbox reads its inputs, jobs and steps.',
    ),
    state: optional(oneOf('active', 'disabled_manually')),
    plan: optional(
      object(
        {
          queued: optional(described(seconds, 'Seconds in the status queued.')),
          steps: optional(
            described(
              recordOf(
                object(
                  {
                    seconds: optional(seconds),
                    failWhen: optional(when),
                    log: optional(log),
                  },
                  'refused',
                ),
              ),
              'How long steps take and when they fail, by the name of the step.',
            ),
          ),
          endings: optional(
            described(
              listOf(
                object(
                  {
                    when: optional(when),
                    after: optional(
                      described(
                        seconds,
                        'Seconds after the dispatch. Default: when the last job ends.',
                      ),
                    ),
                    conclusion: optional(described(text, 'Completes the run.', 'cancelled')),
                    status: optional(
                      described(
                        text,
                        'Without a conclusion, the run stays in this status.',
                        'waiting',
                      ),
                    ),
                  },
                  'refused',
                ),
              ),
              'The first ending whose condition holds overrides the result of the steps.',
            ),
          ),
        },
        'refused',
      ),
    ),
  },
  'refused',
)

const defaultBranch = optional(described(text, 'Default: main.'))
const branches = optional(described(listOf(text), 'Branches in addition to the default branch.'))
const tags = optional(listOf(text))

const FULL_NAME = 'a full name, "owner/repository"'
const github = object(
  {
    tokens: described(
      listOf(
        object(
          {
            token: text,
            permission: optional(
              described(oneOf('read', 'write'), 'Permission for Actions. Default: write.'),
            ),
            repositories: optional(
              described(
                listOf(text),
                'Full names of the repositories that the token can read. Default: all.',
              ),
            ),
          },
          'refused',
        ),
      ),
      'Tokens that are accepted.',
    ),
    repositories: listOf(
      object(
        {
          name: described(
            v.pipe(v.string(FULL_NAME), v.regex(/^[\w.-]+\/[\w.-]+$/, FULL_NAME)),
            'Full name: owner/repository.',
            'acme/shop',
          ),
          id,
          ownerId: id,
          defaultBranch,
          branches,
          tags,
          workflows: described(
            recordOf(workflow),
            'Workflows by their file name in .github/workflows.',
          ),
        },
        'refused',
      ),
    ),
    runDetails: optional(
      described(
        oneOf('supported', 'unsupported', 'refused'),
        'How the server handles return_run_details: it returns the IDs of the run, ignores the key (204), or refuses it as unknown (422), like different versions of GitHub Enterprise Server.',
      ),
    ),
    rateLimit: optional(described(id, 'Number of requests per hour and token. Default: 5,000.')),
    listDelay: optional(
      described(
        seconds,
        'Seconds until a new run appears in lists. The lists of GitHub lag behind a dispatch.',
      ),
    ),
  },
  'refused',
)

const FULL_PATH = 'a full path, "group/project"'
const project = object(
  {
    path: described(
      v.pipe(v.string(FULL_PATH), v.regex(/^[\w.-]+(?:\/[\w.-]+)+$/, FULL_PATH)),
      'Full path: group/subgroup/project.',
      'acme/infra',
    ),
    id,
    defaultBranch,
    branches,
    tags,
    triggerTokens: listOf(text),
    pipelineVariables: optional(
      described(
        oneOf('allowed', 'refused'),
        'refused is the setting "Minimum role to use pipeline variables: No one allowed" of GitLab.',
      ),
    ),
    inputs: optional(
      described(
        recordOf(
          object({ default: optional(scalar), options: optional(listOf(scalar)) }, 'refused'),
        ),
        'spec:inputs of the pipeline configuration.',
      ),
    ),
    stages: listOf(text),
    jobs: listOf(
      object(
        {
          name: text,
          stage: described(text, 'One of the stages of the project.'),
          seconds: optional(seconds),
          when: optional(oneOf('on_success', 'on_failure', 'always', 'manual')),
          allowFailure: optional(v.boolean('true or false')),
          runWhen: optional(
            described(
              when,
              'The rules of the job. Without a match, the job is not in the pipeline.',
            ),
          ),
          failWhen: optional(when),
          log: optional(log),
        },
        'refused',
      ),
    ),
    queued: optional(described(seconds, 'Seconds from creation to the first running job.')),
    endings: optional(
      described(
        listOf(
          object(
            {
              status: text,
              when: optional(when),
              after: optional(
                described(
                  seconds,
                  'Seconds after the pipeline is created. Default: when the last job ends.',
                ),
              ),
            },
            'refused',
          ),
        ),
        'The first ending whose condition holds overrides the result of the jobs.',
      ),
    ),
  },
  'refused',
)

const gitlab = object(
  {
    accessTokens: described(
      listOf(
        object(
          {
            token: text,
            scope: optional(
              described(
                oneOf('api', 'read_api'),
                'Default: api. With read_api, the token cannot start or cancel pipelines.',
              ),
            ),
            projects: optional(
              described(
                listOf(text),
                'Full paths of the projects that the token can read. Default: all.',
              ),
            ),
          },
          'refused',
        ),
      ),
      'Tokens that are accepted.',
    ),
    projects: listOf(project),
  },
  'refused',
)

/** References between values, such as the stage of a job, are checked afterwards. */
export const definitionSchema: v.GenericSchema<unknown, SandboxDefinition> = object(
  {
    port: optional(described(port, 'The stand-in of Port.')),
    github: optional(described(github, 'The stand-in of GitHub.')),
    gitlab: optional(described(gitlab, 'The stand-in of GitLab.')),
  },
  'refused',
)
