import type { Json, JsonObject } from '@port-dispatch/core'
import { formatPhrase } from '@port-dispatch/core'
import { lint, readPipeline, readWorkflow, type Target } from '@port-dispatch/core/lint'
import { describe, expect, it } from 'vitest'

const FORM: JsonObject = {
  text: { type: 'string' },
  size: { type: 'number' },
  flag: { type: 'boolean' },
  tags: { type: 'array', items: { type: 'string' } },
  labels: { type: 'object' },
  service: { type: 'string', format: 'entity', blueprint: 'service' },
}

function action(
  invocationMethod: JsonObject,
  properties: JsonObject = FORM,
  trigger: JsonObject = {},
): JsonObject {
  const userInputs = { properties }
  return {
    identifier: 'an_action',
    trigger: { type: 'self-service', operation: 'DAY-2', userInputs, ...trigger },
    invocationMethod,
  }
}

const RUN = { port_run_id: '{{ .run.id }}' }
const github = (workflowInputs: JsonObject, workflow = 'w.yml') =>
  action({ type: 'GITHUB', org: 'acme', repo: 'services', workflow, workflowInputs })

function workflow(inputs: JsonObject, step: JsonObject = {}, rest: JsonObject = {}): Target {
  const read = readWorkflow(
    'w.yml',
    {
      'run-name': `\${{ inputs.port_run_id }}`,
      on: { workflow_dispatch: { inputs: { port_run_id: null, ...inputs } } },
      jobs: { a: { steps: [step] } },
      ...rest,
    },
    new Map(),
  )
  if (!read) throw new Error('It is not a workflow')
  return { type: 'workflow', workflow: read }
}

/** Every finding but notes: `warning rule: message. advice`. */
async function found(document: Json, target?: Target): Promise<string[]> {
  const { findings } = await lint([{ file: 'a.json', document }], { targetOf: () => target })
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ severity, rule, message, advice = '' }) =>
      `${severity} ${rule}: ${formatPhrase(message, String)}. ${formatPhrase(advice, String)}`.trim(),
    )
}

const one = (text: string | RegExp) => [expect.stringMatching(text)]

describe('types of user inputs', () => {
  it.for<[string, unknown]>([
    ['.inputs.tags | ascii_downcase', one(/^error jq-types.* is an array.*map\(ascii_downcase\)/)],
    ['.inputs.size | test("a")', one(/^error jq-types.*needs a string/)],
    ['.inputs.text | map(.a)', one(/^error jq-types.*needs an array or an object/)],
    ['.inputs.text.name', one(/^error jq-types.*no field "name"/)],
    ['.inputs.text[0]', one(/no items/)],
    ['.inputs.tags.name', one(/map\(\.name\)/)],
    ['.inputs.size + " days"', one(/\(\.inputs\.size \| tostring\)/)],
    ['"in " + .inputs.text + " " + .inputs.size', one(/a string and a number/)],
    ['.run.id + 1', one(/a string and a number/)],
    ['.inputs.flag == "true"', one(/^warning jq-types: The comparison is always false/)],
    ['.inputs.size != "1"', one(/always true/)],
    ['.inputs.tags | map(ascii_downcase)', []],
    ['.inputs.tags[0]', []],
    ['.inputs.text[0:3]', []],
    ['.inputs.labels.team', []],
    ['.inputs.service.identifier', []],
    ['.inputs.text | split("/") | .[0]', []],
    ['(.inputs.size | tostring) + " days"', []],
    ['.inputs.size * 2 + 1', []],
    ['"x" * 2 + .inputs.text', []],
    ['"\\(.inputs.size) days"', []],
    ['(.inputs.tags | ascii_downcase)? // "none"', []],
    ['try (.inputs.tags | ascii_downcase) catch "none"', []],
    ['if (.inputs.tags | type) == "array" then .inputs.tags else [.inputs.text | map(.)] end', []],
    ['.inputs.flag == true', []],
    ['.inputs.text | tonumber', []],
  ])('%s', async ([filter, expected]) => {
    expect(await found(action({ type: 'KAFKA', payload: { a: `{{ ${filter} }}` } }))).toEqual(
      expected,
    )
  })

  it('are those of the form in its programs', async () => {
    const visible = { jqQuery: '.form.flag == "true"' }
    const document = action({ type: 'KAFKA' }, { ...FORM, other: { type: 'string', visible } })
    expect(await found(document)).toEqual(one(/^warning jq-types/))
  })
})

it.for<[string, unknown]>([
  ['.inputs.tags[]', one(/^warning several-outputs.*\[\.inputs\.tags\[\]\]/)],
  ['.inputs.tags[] | ascii_downcase', one(/several-outputs/)],
  ['[.inputs.tags[]]', []],
  ['first(.inputs.tags[])', []],
  ['.inputs.tags[] | select(. == "a")', []],
  ['.inputs.labels["[]"]', []],
  ['env.VAULT', one(/^error unknown-path: env\.VAULT is always null/)],
  ['$ENV.VAULT // "x"', one(/^warning unknown-path: env\.VAULT/)],
  ['.inputs.labels.env', []],
])('%s as a template', async ([filter, expected]) => {
  expect(await found(action({ type: 'KAFKA', payload: { a: `{{ ${filter} }}` } }))).toEqual(
    expected,
  )
})

it.for<[string, unknown]>([
  [`\${{ .inputs.text }}`, one(/^warning foreign-braces.*Remove the \$/)],
  ['$[[ inputs.text ]]', one(/foreign-braces.*\{\{ \.inputs\.text \}\}/)],
  [`items/\${{ .inputs.text }}?$expand=all`, []],
  [`\${{ .inputs.text }} of \${{ .inputs.size }}`, []],
])('%s has braces of others', async ([text, expected]) => {
  expect(await found(action({ type: 'KAFKA', payload: { a: text } }))).toEqual(expected)
})

it.for<[string, unknown]>([
  [
    '{{ .diff.after.title == "a" }}',
    one(/^error foreign-braces.*Write \.diff\.after\.title == "a"$/),
  ],
  ['{a: {b: 1}} | .a.b == 1', []],
])('%s as a condition', async ([program, expected]) => {
  const condition = { type: 'JQ', combinator: 'and', expressions: [program] }
  const trigger = { type: 'automation', event: { type: 'ENTITY_UPDATED' }, condition }
  const document = { identifier: 'a', trigger, invocationMethod: { type: 'KAFKA' } }
  expect(await found(document)).toEqual(expected)
})

it.for<[JsonObject, unknown]>([
  [{ type: 'JQ', combinator: 'AND', expressions: [] }, one(/combinator.*Write and$/)],
  [{ type: 'jq', combinator: 'or', expressions: [] }, one(/type.*Write JQ$/)],
  [{ type: 'JQ', expressions: '.diff' }, one(/are a list.*Write \["\.diff"\]/)],
  [{ type: 'JQ', combinator: 'or', expressions: ['.diff'] }, []],
])('a condition %j', async ([condition, expected]) => {
  const trigger = { type: 'automation', event: { type: 'ENTITY_UPDATED' }, condition }
  const document = { identifier: 'a', trigger, invocationMethod: { type: 'KAFKA' } }
  expect(await found(document)).toEqual(expected)
})

it.for<[JsonObject, unknown]>([
  [{ type: 'string', format: 'entity' }, one(/^error input-definition.*no blueprint/)],
  [{ type: 'array', items: { type: 'string', format: 'entity' } }, one(/no blueprint/)],
  [{ type: 'array', blueprint: 'b', items: { type: 'string', format: 'entity' } }, []],
  [{ type: 'string', defualt: 'a' }, one(/defualt is not a field.*Did you mean default\?/)],
  [{ type: 'string', encryption: 'aes256' }, one(/Write "aes256-gcm"/)],
  [{ type: 'string', encryption: 'aes256-gcm' }, []],
  [{ type: 'string', encryption: { algorithm: 'client-side', key: 'x' } }, []],
  [{ type: 'string', readOnly: true, validations: [] }, []],
  [{ type: 'string', visible: { jqQuery: '.inputs.b == "x"' } }, one(/unknown-path.*\.form\.b/)],
])('a user input %j', async ([definition, expected]) => {
  expect(await found(action({ type: 'KAFKA' }, { a: definition }))).toEqual(expected)
})

it('a secret user input is not supported by integrations', async () => {
  const method = {
    type: 'INTEGRATION_ACTION',
    installationId: '1',
    integrationActionType: 'dispatch_workflow',
    integrationActionExecutionProperties: { org: 'a', repo: 'b', workflow: 'w.yml' },
  }
  const secret = { type: 'string', encryption: 'aes256-gcm' }
  expect(await found(action(method, { secret }))).toEqual(
    one(/does not support secret user inputs/),
  )
})

it.for<[JsonObject, unknown]>([
  [{ type: 'WEBHOOK', url: 'hooks.example.com/{{ .inputs.text }}' }, one(/url.*https:\/\//)],
  [{ type: 'WEBHOOK', url: 'HTTPS://hooks.example.com/{{ .inputs.text }}' }, []],
  [{ type: 'WEBHOOK', url: 'http{{ .inputs.text }}' }, []],
  [{ type: 'WEBHOOK', url: '{{ .secrets.URL }}/a' }, []],
  [{ type: 'Webhook', url: 'https://a.example' }, one(/^warning definition.*Port writes WEBHOOK/)],
  [{ type: 'WEBHOK', url: 'https://a.example' }, one(/Port writes WEBHOOK/)],
  [
    { type: 'GITLAB', groupName: 'a', projectName: 'b', defaultBranch: 'main' },
    one(/defaultBranch.*The fields of GITLAB are .*defaultRef/),
  ],
])('the method %j', async ([method, expected]) => {
  expect(await found(action(method))).toEqual(expected)
})

describe('a workflow', () => {
  it.for<[string, unknown]>([
    ['Deploy now', one(/^warning workflow-file.*"deploy-now\.yml"/)],
    ['w.yaml', []],
    ['4711', []],
    ['{{ .inputs.text }}', []],
  ])('is named %s', async ([name, expected]) => {
    expect(await found(github(RUN, name))).toEqual(expected)
  })

  it.for<[JsonObject, unknown]>([
    [{ type: 'choice' }, one(/^error workflow-inputs.*x has no options/)],
    [{ type: 'text' }, one(/^error workflow-inputs.*not a type/)],
    [{ type: 'number', default: 'two' }, one(/^warning workflow-inputs.*a number/)],
    [{ type: 'boolean', default: 'yes' }, one(/true or false/)],
    [{ type: 'choice', options: ['a'], default: 'b' }, one(/one of its options: a/)],
    [{ options: ['a'] }, one(/Write type: choice/)],
    [{ type: 'string', requried: true }, one(/Did you mean required\?/)],
    [{ type: 'string', default: `\${{ github.actor }}` }, one(/no expressions/)],
    [{ type: 'boolean', default: 'true', description: 'x', required: false }, []],
    [{ type: 'number', default: 2, deprecationMessage: 'x' }, []],
    [{ type: 'environment' }, []],
  ])('declares an input %j', async ([input, expected]) => {
    expect(await found(github(RUN), workflow({ x: input }))).toEqual(expected)
  })

  it('declares inputs without names', async () => {
    const on = { workflow_dispatch: { inputs: ['port_run_id'] } }
    const messages = await found(github({}), workflow({}, {}, { on, 'run-name': 'x' }))
    expect(messages).toContainEqual(expect.stringMatching(/^error workflow-inputs.*not an object/))
  })

  it('declares inputs without inputs', async () => {
    const on = { workflow_dispatch: { port_run_id: { type: 'string' } } }
    const messages = await found(github({}), workflow({}, {}, { on }))
    expect(messages).toContainEqual(
      expect.stringMatching(/^warning workflow-inputs.*on\.workflow_dispatch\.inputs\.port_run_id/),
    )
  })

  const DECLARED: JsonObject = {
    environment: { type: 'choice', options: ['staging', 'production'] },
    dry_run: { type: 'boolean' },
    name: { type: 'string' },
  }

  it.for<[JsonObject, unknown]>([
    [{ run: `echo \${{ inputs.enviroment }}` }, one(/unknown-input.*inputs\.environment\?/)],
    [{ if: 'github.event.inputs.other' }, one(/unknown-input.*Declare it/)],
    [{ run: `echo \${{ inputs.NAME }} \${{ toJSON(inputs) }}` }, []],
    [{ run: `echo \${{ 'inputs.other' }} \${{ steps.inputs.outputs.a }}` }, []],
    [{ run: 'echo inputs.other' }, []],
    [{ if: `inputs.dry_run == 'true'` }, one(/input-comparison.*always false.*without quotes/)],
    [{ if: `\${{ github.event.inputs.dry_run }}` }, one(/always true.*Use inputs\.dry_run/)],
    [{ if: `\${{ !github.event.inputs.dry_run }}` }, one(/always false/)],
    [{ if: 'github.event.inputs.dry_run == true' }, one(/always false.*is text/)],
    [{ if: `inputs.environment == 'prod'` }, one(/prod is not an option.*staging, production/)],
    [{ run: `\${{ github.event.inputs.dry_run && '--dry' || '' }}` }, one(/always true/)],
    [{ if: `inputs.dry_run && inputs.environment != 'Production'` }, []],
    [{ if: `github.event.inputs.dry_run == 'true' || !inputs.dry_run` }, []],
    [{ run: `echo \${{ github.event.inputs.dry_run || 'false' }}` }, []],
  ])('reads inputs: %j', async ([step, expected]) => {
    expect(await found(github(RUN), workflow(DECLARED, step))).toEqual(expected)
  })

  it('reads inputs that callers of a reusable workflow give', async () => {
    const on = { workflow_dispatch: { inputs: RUN }, workflow_call: { inputs: { other: {} } } }
    const step = { run: `\${{ inputs.other }}` }
    expect(await found(github(RUN), workflow({}, step, { on }))).toEqual([])
  })

  const reads = (path: string) => ({ run: `\${{ fromJSON(inputs.ctx || '{}')${path} }}` })

  it.for<[Json, string, unknown]>([
    [{ runId: '{{ .run.id }}' }, '.run.id', one(/unsent-field.*Did you mean ctx\.runId\?/)],
    [{ a: { b: '{{ .entity }}' } }, '.a.c', one(/ctx\.a\.c is always empty.*It sends b/)],
    [{ a: '{{ .entity }}' }, '.a.b.c', []],
    [{ '{{ .inputs.text }}': 'x' }, '.a', []],
    ['{{ . }}', '.anything', []],
    [{ RunId: '{{ .run.id }}' }, '.runid', []],
  ])('is sent %j and reads %s', async ([ctx, path, expected]) => {
    expect(await found(github({ ...RUN, ctx }), workflow({ ctx: {} }, reads(path)))).toEqual(
      expected,
    )
  })
})

describe('a pipeline', () => {
  const component = { component: 'gitlab.com/port-dispatch/port-dispatch/report@0.1.0' }
  const document = action({
    type: 'GITLAB',
    groupName: 'acme',
    projectName: 'shop',
    pipelineVariables: { PORT_RUN_ID: '{{ .run.id }}' },
  })
  const pipeline = (jobs: JsonObject, header?: JsonObject): Target => {
    const read = readPipeline('.gitlab-ci.yml', [...(header ? [header] : []), jobs])
    if (!read) throw new Error('It is not a pipeline')
    return { type: 'pipeline', pipeline: read }
  }
  const script = ['curl https://api.port.io/v1/actions/runs']

  it.for<[JsonObject, unknown]>([
    [
      { stages: ['a'], x: { stage: 'b', script } },
      one(/pipeline-structure.*stage b .*stages are a$/),
    ],
    [{ stages: ['a'], x: { script } }, one(/default stage test/)],
    [{ stages: ['deploy'], x: { stage: 'depoy', script } }, one(/Did you mean deploy\?/)],
    [{ x: { stage: 'provision', script } }, one(/stages are build, test, deploy/)],
    [{ x: { script }, y: { script, needs: ['z'] } }, one(/needs z, which is not a job/)],
    [{ x: { script, needs: [{ job: 'y', optional: true }] } }, []],
    [{ x: { script }, y: { script, needs: ['x', { job: 'x' }] } }, []],
    [{ x: { stage: '.post', script }, y: { script } }, []],
    [{ stages: ['a'], '.t': { stage: 'a' }, x: { extends: '.t', script } }, []],
    [
      { stages: ['a'], include: [component], report: { variables: {} }, x: { stage: 'a', script } },
      [],
    ],
    [{ include: [{ project: 'a', file: 'b' }], x: { stage: 'provision', script } }, []],
  ])('%j', async ([jobs, expected]) => {
    expect(await found(document, pipeline(jobs))).toEqual(expected)
  })

  it('reads inputs that it does not declare', async () => {
    const job = { x: { script: [...script, 'make $[[ inputs.tier | expand_vars ]]'] } }
    expect(await found(document, pipeline(job))).toEqual(one(/^warning unknown-input.*\$TIER/))
    const header = (name: string) => ({ spec: { inputs: { [name]: { default: 'a' } } } })
    expect(await found(document, pipeline(job, header('teir')))).toEqual(
      one(/^error unknown-input.*inputs\.teir/),
    )
    expect(await found(document, pipeline(job, header('tier')))).toEqual([])
  })
})
