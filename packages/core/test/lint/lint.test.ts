import type { Json, JsonObject } from '@port-dispatch/core'
import { lint, readPipeline, readWorkflow, type Target } from '@port-dispatch/core/lint'
import { describe, expect, it } from 'vitest'

type Inputs = Record<string, JsonObject>

function action(method: JsonObject, properties: Inputs = {}, form: JsonObject = {}): JsonObject {
  return {
    identifier: 'an_action',
    trigger: { type: 'self-service', operation: 'DAY-2', userInputs: { properties, ...form } },
    invocationMethod: method,
  }
}

const kafka = (payload: JsonObject, properties?: Inputs, form?: JsonObject) =>
  action({ type: 'KAFKA', payload }, properties, form)

const github = (workflowInputs: JsonObject, properties?: Inputs, form?: JsonObject) =>
  action(
    { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'w.yml', workflowInputs },
    properties,
    form,
  )

const gitlab = (pipelineVariables: JsonObject, properties?: Inputs) =>
  action({ type: 'GITLAB', groupName: 'acme', projectName: 'shop', pipelineVariables }, properties)

function workflow(document: JsonObject): Target {
  const read = readWorkflow('w.yml', { jobs: { a: { steps: [] } }, ...document }, new Map())
  if (!read) throw new Error('It is not a workflow')
  return { type: 'workflow', workflow: read }
}

function pipeline(document: JsonObject, header?: JsonObject): Target {
  const documents: Json[] = header ? [header, document] : [document]
  const read = readPipeline('.gitlab-ci.yml', documents)
  if (!read) throw new Error('It is not a pipeline')
  return { type: 'pipeline', pipeline: read }
}

const component: JsonObject = { component: 'gitlab.com/port-dispatch/port-dispatch/report@0.1.0' }
const RUN = { port_run_id: '{{ .run.id }}' }

/** The rules that find something, with severity; notes are left out. */
async function rules(document: Json, target?: Target): Promise<string[]> {
  const { findings } = await lint([{ file: 'a.json', document }], { targetOf: () => target })
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ rule, severity }) => `${severity} ${rule}`)
}

describe('what is right, or not known, is left alone', () => {
  it.for<[string, Json]>([
    [
      'a default that is computed',
      kafka({}, { a: { type: 'string', enum: ['x'], default: { jqQuery: '.entity.title' } } }),
    ],
    [
      'an enum that is computed',
      kafka({}, { a: { type: 'string', enum: { jqQuery: '["a"]' }, default: 'a' } }),
    ],
    [
      'required that is computed',
      kafka({}, { a: { type: 'string' } }, { required: { jqQuery: '["b"]' } }),
    ],
    [
      'null where a field is optional',
      action({ type: 'WEBHOOK', url: 'https://a.example', headers: null, agent: null }),
    ],
    [
      'titles between the inputs',
      kafka({}, { a: { type: 'string' } }, { order: ['t', 'a'], titles: { t: { title: 'T' } } }),
    ],
    [
      'paths below inputs',
      kafka(
        { a: '{{ .inputs.a.identifier }}' },
        { a: { type: 'string', format: 'entity', blueprint: 'b' } },
      ),
    ],
    [
      'what map sees',
      kafka({ a: '{{ .inputs.a | map(.name + .other) }}' }, { a: { type: 'array' } }),
    ],
    ['variables', kafka({ a: '{{ .inputs.a as $x | $x | length }}' }, { a: { type: 'array' } })],
    [
      'a bare invocation method, whose inputs are not known',
      { type: 'KAFKA', payload: { a: '{{ .inputs.anything }}' } },
    ],
    [
      'an unknown type',
      { ...action({ type: 'CARRIER_PIGEON', to: '{{ .inputs.a }}' }, { a: { type: 'string' } }) },
    ],
    [
      'an automation without conditions',
      {
        identifier: 'a',
        trigger: { type: 'automation', event: { type: 'ANY_RUN_CHANGE', actionIdentifier: 'b' } },
        invocationMethod: { type: 'KAFKA', payload: { a: '{{ .event.diff.after.anything }}' } },
      },
    ],
    [
      'the run message that Port writes for an action that creates',
      {
        identifier: 'a',
        trigger: { type: 'self-service', operation: 'CREATE' },
        invocationMethod: {
          type: 'KAFKA',
          payload: { context: { entity: '{{ .entity.identifier }}', runId: '{{ .run.id }}' } },
        },
      },
    ],
    ['text with braces of others', kafka({ a: 'awk {print $1} and {name}' })],
    [
      'a node of a workflow of Port',
      {
        nodes: [
          {
            identifier: 'n',
            config: {
              type: 'WEBHOOK',
              url: 'https://a.example',
              body: { a: '{{ .outputs.trigger.size }}' },
            },
          },
        ],
      },
    ],
  ])('%s', async ([, document]) => {
    expect(await rules(document)).toEqual([])
  })

  it('a list of actions of the first version', async () => {
    const old = {
      identifier: 'old',
      trigger: 'CREATE',
      userInputs: { properties: { size: { type: 'string' } }, required: ['size'] },
      invocationMethod: { type: 'GITHUB', org: 'a', repo: 'b', workflow: 'w.yml' },
    }
    const declared = { size: { required: true }, port_payload: { required: true } }
    const target = workflow({ on: { workflow_dispatch: { inputs: declared } } })
    expect(await rules([old, { ...old, identifier: 'older' }], target)).toEqual([])
    const without = workflow({ on: { workflow_dispatch: { inputs: { size: {} } } } })
    expect(await rules([old], without)).toEqual(['error undeclared-input'])
  })
})

describe('against a workflow', () => {
  const inputs = (declared: JsonObject) =>
    workflow({ on: { workflow_dispatch: { inputs: { port_run_id: null, ...declared } } } })

  it.for<[string, Json]>([
    ['a string', 'workflow_dispatch'],
    ['a list', ['push', 'workflow_dispatch']],
    ['a map', { push: {}, workflow_dispatch: null }],
  ])('reads on as %s', async ([, on]) => {
    expect(await rules(github({}), workflow({ on }))).toEqual(['warning run-id'])
    expect(await rules(github(RUN), workflow({ on }))).toEqual(['error undeclared-input'])
  })

  it('says nothing of names that are computed, and knows those that are left out', async () => {
    const computed = { '{{ .inputs.name }}': 'x', ...RUN }
    expect(
      await rules(
        github(computed, { name: { type: 'string' } }),
        inputs({ a: { required: true } }),
      ),
    ).toEqual([])
    const conditional = {
      '{{ if (.inputs | has("a")) then "a" else null end }}': '{{ .inputs.a }}',
      ...RUN,
    }
    const properties = { a: { type: 'string' } }
    expect(await rules(github(conditional, properties), inputs({ a: {} }))).toEqual([])
    expect(await rules(github(conditional, properties), inputs({ a: { required: true } }))).toEqual(
      ['warning required-input'],
    )
    expect(await rules(github(conditional, properties), inputs({}))).toEqual([
      'error undeclared-input',
    ])
  })

  it('spreads all user inputs', async () => {
    const all = github(
      { '{{ spreadValue() }}': '{{ .inputs }}', ...RUN },
      { a: { type: 'string' } },
      { required: ['a'] },
    )
    expect(await rules(all, inputs({ a: { required: true } }))).toEqual([])
    expect(await rules(all, inputs({}))).toEqual(['error undeclared-input'])
  })

  it.for<[string, JsonObject, string[]]>([
    ['an enum that fits', { type: 'string', enum: ['a'], default: 'a' }, []],
    [
      'an enum with more',
      { type: 'string', enum: ['a', 'z'], default: 'a' },
      ['error choice-options'],
    ],
    ['no enum', { type: 'string', default: 'a' }, ['warning choice-options']],
    ['a pattern', { type: 'string', default: 'a', pattern: '^[ab]$' }, []],
    ['an enum that is computed', { type: 'string', default: 'a', enum: { jqQuery: '.x' } }, []],
    [
      'an enum, but nothing entered',
      { type: 'string', enum: ['a', 'b'] },
      ['warning choice-options'],
    ],
  ])('compares a choice with %s', async ([, definition, found]) => {
    const sent = github({ x: '{{ .inputs.x }}', ...RUN }, { x: definition })
    expect(await rules(sent, inputs({ x: { type: 'choice', options: ['a', 'b'] } }))).toEqual(found)
  })

  it.for<[Json, string[]]>([
    [true, []],
    ['false', []],
    ['yes', ['error input-kind']],
    ['{{ .inputs.text }}', ['warning input-kind']],
    ['{{ .inputs.flag }}', []],
    ['{{ .inputs.flag | not }}', []],
    ['{{ .inputs.optional }}', ['warning input-kind']],
    ['{{ .inputs.optional // false }}', []],
  ])('sends %j to a boolean', async ([value, found]) => {
    const properties: Inputs = {
      text: { type: 'string', default: 'x' },
      flag: { type: 'boolean', default: true },
      optional: { type: 'boolean' },
    }
    const target = inputs({ x: { type: 'boolean' } })
    expect(await rules(github({ x: value, ...RUN }, properties), target)).toEqual(found)
  })

  it.for<[string, JsonObject, string[]]>([
    ['in port_context', { port_context: { runId: '{{ .run.id }}' } }, []],
    ['as JSON that jq makes', { port_context: '{{ {runId: .run.id} | tojson }}' }, []],
    ['as all of the context', { port_payload: '{{ . }}' }, []],
    ['under another name', { my_run: '{{ .run.id }}' }, ['warning run-id']],
    ['not at all', { other: 'x' }, ['warning run-id']],
  ])('finds the run ID %s', async ([, sent, found]) => {
    const declared = Object.fromEntries(Object.keys(sent).map((name) => [name, {}]))
    expect(await rules(github(sent), inputs(declared))).toEqual(found)
  })

  it('accepts a run ID of any name that a step reads', async () => {
    const step = {
      uses: 'port-labs/port-github-action@v1',
      with: { runId: `\${{ inputs.my_run }}` },
    }
    const target = workflow({
      on: { workflow_dispatch: { inputs: { my_run: {} } } },
      jobs: { a: { steps: [step] } },
    })
    expect(await rules(github({ my_run: '{{ .run.id }}' }), target)).toEqual([])
  })

  it.for<[string, JsonObject, string[]]>([
    ['a REPORT step', { uses: 'port-dispatch/port-dispatch@v1' }, []],
    [
      'a PATCH_RUN with a status',
      { uses: 'port-labs/port-github-action@v1', with: { status: 'SUCCESS' } },
      [],
    ],
    ['a call of the API', { run: 'curl -X PATCH https://api.port.io/v1/actions/runs/$ID' }, []],
    [
      'a log line only',
      { uses: 'port-labs/port-github-action@v1', with: { logMessage: 'x' } },
      ['warning unreported'],
    ],
    [
      'a REPORT that leaves the status alone',
      { uses: 'port-dispatch/port-dispatch@v1', with: { reportWorkflowStatus: false } },
      ['warning unreported'],
    ],
    ['nothing', { run: 'make' }, ['warning unreported']],
  ])('knows who ends the run: %s', async ([, step, found]) => {
    const target = workflow({
      on: { workflow_dispatch: { inputs: { port_run_id: {} } } },
      jobs: { a: { steps: [step] } },
    })
    const document = github(RUN)
    document.invocationMethod = {
      ...(document.invocationMethod as JsonObject),
      reportWorkflowStatus: false,
    }
    expect(await rules(document, target)).toEqual(found)
  })

  it('says nothing of what a reusable workflow elsewhere does', async () => {
    const target = workflow({
      on: { workflow_dispatch: { inputs: { port_run_id: {} } } },
      jobs: { a: { uses: 'acme/ci/.github/workflows/deploy.yml@main' } },
    })
    const document = github(RUN)
    document.invocationMethod = {
      ...(document.invocationMethod as JsonObject),
      reportWorkflowStatus: false,
    }
    expect(await rules(document, target)).toEqual([])
  })
})

describe('against a pipeline', () => {
  const job = { script: ['make'] }
  const sent = { PORT_RUN_ID: '{{ .run.id }}', NAME: 'x' }

  it.for<[string, JsonObject, string[]]>([
    ['no rules', { build: job }, []],
    ['rules that cannot be told', { build: { ...job, rules: [{ if: '$OTHER == "x"' }] } }, []],
    ['rules with changes', { build: { ...job, rules: [{ changes: ['a'] }] } }, []],
    [
      'a rule for a variable that is sent',
      { build: { ...job, rules: [{ if: '$NAME == "x"' }] } },
      [],
    ],
    [
      'a rule for another value',
      { build: { ...job, rules: [{ if: '$NAME == "y"' }] } },
      ['error pipeline-jobs'],
    ],
    [
      'rules for merge requests',
      { build: { ...job, rules: [{ if: '$CI_MERGE_REQUEST_IID' }] } },
      ['error pipeline-jobs'],
    ],
    [
      'only for merge requests',
      { build: { ...job, only: ['merge_requests'] } },
      ['error pipeline-jobs'],
    ],
    ['only for a branch', { build: { ...job, only: ['main'] } }, []],
    [
      'rules that refuse triggers',
      {
        build: {
          ...job,
          rules: [{ if: '$CI_PIPELINE_SOURCE == "trigger"', when: 'never' }, { when: 'always' }],
        },
      },
      ['error pipeline-jobs'],
    ],
    [
      'rules of a template',
      {
        '.t': { rules: [{ if: '$CI_PIPELINE_SOURCE =~ /^(push|web)$/' }] },
        build: { ...job, extends: '.t' },
      },
      ['error pipeline-jobs'],
    ],
    ['a template that is not there', { build: { ...job, extends: '.t' } }, []],
    ['!reference', { build: { ...job, rules: [['.t', 'rules']] } }, []],
    [
      'workflow rules for pushes',
      { workflow: { rules: [{ if: '$CI_PIPELINE_SOURCE == "push"' }] }, build: job },
      ['error pipeline-rules'],
    ],
    [
      'workflow rules with an else',
      {
        workflow: {
          rules: [{ if: '$CI_PIPELINE_SOURCE == "push"', when: 'never' }, { when: 'always' }],
        },
        build: job,
      },
      [],
    ],
  ])('%s', async ([, document, found]) => {
    expect(await rules(gitlab(sent), pipeline({ include: [component], ...document }))).toEqual(
      found,
    )
  })

  it('says nothing of jobs that are included from elsewhere', async () => {
    const include = [{ project: 'acme/ci', file: 'a.yml' }]
    const closed = { ...job, only: ['schedules'] }
    expect(await rules(gitlab(sent), pipeline({ include, build: closed }))).toEqual([])
  })

  it('knows that variables do not fill in inputs', async () => {
    const header = { spec: { inputs: { a: {}, b: { default: 'x' } } } }
    const target = pipeline({ include: [component], build: job }, header)
    expect(await rules(gitlab(sent), target)).toEqual(['error pipeline-inputs'])
  })
})

describe('the configuration', () => {
  it('switches a rule off and changes its severity', async () => {
    const files = [
      {
        file: 'a.json',
        document: kafka(
          { a: '{{ .inputs.x }}', b: '{{ .inputs.y | trim }}' },
          { y: { type: 'string' } },
        ),
      },
    ]
    const levels = async (config: Parameters<typeof lint>[1]) =>
      (await lint(files, config)).findings.map(({ rule, severity }) => `${severity} ${rule}`)
    expect(await levels({})).toEqual(['error unknown-path', 'warning jq-version'])
    expect(
      await levels({ config: { rules: { 'unknown-path': 'off', 'jq-version': 'error' } } }),
    ).toEqual(['error jq-version'])
    expect(
      await levels({ config: { ignore: [{ rule: 'unknown-path', action: 'an_action' }] } }),
    ).toEqual(['warning jq-version'])
    expect(
      await levels({ config: { ignore: [{ rule: 'unknown-path', action: 'another' }] } }),
    ).toHaveLength(2)
  })
})
