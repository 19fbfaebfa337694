import {
  anything,
  flag,
  id,
  listOf,
  matching,
  object,
  oneOf,
  recordOf,
  type Shape,
  scalar,
  seconds,
  text,
} from './shapes.ts'

const condition: Shape = recordOf((value, at, problems) =>
  (Array.isArray(value) ? listOf(scalar) : scalar)(value, at, problems),
)

const port = object(
  { organization: text, credentials: listOf(object({ clientId: text, clientSecret: text })) },
  {
    tokenLifetime: seconds,
    kafka: object({ brokers: listOf(text), username: text, password: text }),
    actions: listOf(
      object(
        {
          identifier: text,
          trigger: recordOf(anything),
          invocationMethod: object({ type: text }, {}, anything),
        },
        {},
        anything,
      ),
    ),
    nodeRuns: listOf(matching(/^wfnr_[\w-]+$/, 'an identifier, "wfnr_…"')),
    runs: listOf(
      object({ id: text, action: text }, { properties: recordOf(anything), entity: text }),
    ),
  },
)

const workflow = object(
  { content: text },
  {
    state: oneOf('active', 'disabled_manually'),
    plan: object(
      {},
      {
        queued: seconds,
        steps: recordOf(object({}, { seconds, failWhen: condition, log: listOf(text) })),
        endings: listOf(
          object({}, { when: condition, after: seconds, conclusion: text, status: text }),
        ),
      },
    ),
  },
)

const github = object(
  {
    tokens: listOf(
      object({ token: text }, { permission: oneOf('read', 'write'), repositories: listOf(text) }),
    ),
    repositories: listOf(
      object(
        {
          name: matching(/^[\w.-]+\/[\w.-]+$/, 'a full name, "owner/repository"'),
          id,
          ownerId: id,
          workflows: recordOf(workflow),
        },
        { defaultBranch: text, branches: listOf(text), tags: listOf(text) },
      ),
    ),
  },
  {
    runDetails: oneOf('supported', 'unsupported', 'refused'),
    rateLimit: id,
    listDelay: seconds,
  },
)

const project = object(
  {
    path: matching(/^[\w.-]+(\/[\w.-]+)+$/, 'a full path, "group/project"'),
    id,
    triggerTokens: listOf(text),
    stages: listOf(text),
    jobs: listOf(
      object(
        { name: text, stage: text },
        {
          seconds,
          when: oneOf('on_success', 'on_failure', 'always', 'manual'),
          allowFailure: flag,
          runWhen: condition,
          failWhen: condition,
          log: listOf(text),
        },
      ),
    ),
  },
  {
    defaultBranch: text,
    branches: listOf(text),
    tags: listOf(text),
    pipelineVariables: oneOf('allowed', 'refused'),
    inputs: recordOf(object({}, { default: scalar, options: listOf(scalar) })),
    queued: seconds,
    endings: listOf(object({ status: text }, { when: condition, after: seconds })),
  },
)

const gitlab = object({
  accessTokens: listOf(
    object({ token: text }, { scope: oneOf('api', 'read_api'), projects: listOf(text) }),
  ),
  projects: listOf(project),
})

export const definitionShape = object({}, { port, github, gitlab })
