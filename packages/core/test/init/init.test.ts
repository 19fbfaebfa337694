import type { InputError, Json, JsonObject } from '@port-dispatch/core'
import {
  actionFromPipeline,
  actionFromWorkflow,
  type InitNote,
  kindOfFile,
  skeletonFor,
} from '@port-dispatch/core/init'
import { lint, readPipeline, readWorkflow } from '@port-dispatch/core/lint'
import { describe, expect, it } from 'vitest'

const PLACE = { repository: 'acme/services' }
const RUN_ID = { port_run_id: { type: 'string' } }

function workflow(inputs: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    on: { workflow_dispatch: { inputs } },
    jobs: { a: { 'runs-on': 'x', steps: [] } },
    ...more,
  }
}

function fromWorkflow(document: JsonObject, options: JsonObject = {}) {
  return actionFromWorkflow(
    { file: '.github/workflows/deploy.yml', document },
    { ...PLACE, ...options },
  )
}

/** The sentences of notes that begin with a place. */
function about(notes: readonly InitNote[], place: string): string[] {
  return notes.filter(({ path }) => path.endsWith(place)).map(({ message }) => message)
}

function inputsOf({ invocationMethod }: JsonObject): JsonObject {
  return (invocationMethod as { workflowInputs: JsonObject }).workflowInputs
}

describe('an action from a workflow', () => {
  it('asks for what the workflow takes, and sends it', () => {
    const { action, notes } = fromWorkflow(
      workflow(
        {
          service: { description: 'Which service', required: true },
          size: { type: 'choice', options: ['s', 'm'], default: 'm' },
          dry_run: { type: 'boolean', default: 'true' },
          replicas: { type: 'number' },
          ...RUN_ID,
        },
        { name: 'Deploy it' },
      ),
    )
    expect(action).toEqual({
      identifier: 'deploy',
      title: 'Deploy it',
      trigger: {
        type: 'self-service',
        operation: 'CREATE',
        userInputs: {
          properties: {
            service: { type: 'string', title: 'Service', description: 'Which service' },
            size: { type: 'string', title: 'Size', enum: ['s', 'm'], default: 'm' },
            dry_run: { type: 'boolean', title: 'Dry run', default: true },
            replicas: { type: 'number', title: 'Replicas' },
          },
          required: ['service'],
          order: ['service', 'size', 'dry_run', 'replicas'],
        },
      },
      invocationMethod: {
        type: 'GITHUB',
        org: 'acme',
        repo: 'services',
        workflow: 'deploy.yml',
        reportWorkflowStatus: true,
        workflowInputs: {
          service: '{{ .inputs.service }}',
          size: '{{ .inputs.size // "m" }}',
          dry_run: '{{ if .inputs.dry_run == null then true else .inputs.dry_run end }}',
          '{{ if .inputs.replicas != null then "replicas" else null end }}':
            '{{ .inputs.replicas }}',
          port_run_id: '{{ .run.id }}',
        },
      },
    })
    expect(notes).toEqual([])
  })

  it('starts it through an integration where one is named', () => {
    const { action } = fromWorkflow(workflow({ ref: {}, ...RUN_ID }), {
      installationId: 'my-github',
    })
    expect(action.invocationMethod).toMatchObject({
      type: 'INTEGRATION_ACTION',
      installationId: 'my-github',
      integrationActionType: 'dispatch_workflow',
      integrationActionExecutionProperties: {
        org: 'acme',
        repo: 'services',
        // There, ref is a field of its own.
        workflowInputs: { ref: '{{ .inputs.ref // "" }}' },
      },
    })
  })

  it.for<[string, Json, boolean]>([
    ['a REPORT step', { uses: 'port-dispatch/port-dispatch@v1' }, false],
    [
      'a REPORT step that leaves the end open',
      { uses: 'port-dispatch/port-dispatch@v1', with: { reportWorkflowStatus: false } },
      true,
    ],
    [
      'a step of port-github-action with a status',
      {
        uses: 'port-labs/port-github-action@v1',
        with: { operation: 'PATCH_RUN', status: 'SUCCESS' },
      },
      false,
    ],
    ['no such step', { run: 'make' }, true],
  ])('has Port end the run unless the workflow does: %s', ([, step, isOn]) => {
    const jobs = { a: { 'runs-on': 'x', steps: [step] } }
    const { action } = fromWorkflow(workflow(RUN_ID, { jobs }))
    expect(action).toMatchObject({ invocationMethod: { reportWorkflowStatus: isOn } })
  })

  it('sends the parts of a context that the workflow reads', () => {
    const run = [
      'fromJson(inputs.port_context).run_id',
      "fromJSON(github.event.inputs.port_context).entity.properties['url']",
      'fromJSON( inputs.port_context ).trigger.by.user.email',
      'fromJSON(inputs.port_context).channel',
      'fromJSON(inputs.who).runId',
      'fromJSON(inputs.other).name',
    ]
    const jobs = {
      a: { 'runs-on': 'x', steps: run.map((text) => ({ run: `echo \${{ ${text} }}` })) },
    }
    const { action, notes } = fromWorkflow(
      workflow({ port_context: {}, who: {}, other: {} }, { jobs }),
    )
    expect(inputsOf(action)).toEqual({
      port_context: {
        run_id: '{{ .run.id }}',
        entity: '{{ .entity }}',
        trigger: '{{ .trigger }}',
      },
      who: { runId: '{{ .run.id }}' },
      other: '{{ .inputs.other // "" }}',
    })
    // Only an action on an entity has one.
    expect(action).toMatchObject({ trigger: { operation: 'DAY-2' } })
    expect(about(notes, 'port_context')).toEqual([
      'the workflow also reads channel, which it does not get',
    ])
    expect(about(notes, 'inputs').join()).toContain('trigger.blueprintIdentifier')
  })

  it.for<[string, JsonObject, string]>([
    ['ref', { ref: {} }, 'Port takes ref for the branch or tag'],
    ['where', { where: { type: 'environment' } }, 'GitHub only accepts environments'],
    ['a', { a: { type: 'number', default: 'many' } }, 'its default "many" is not a number'],
    ['a', { a: { type: 'boolean', default: 'yes' } }, 'is not true or false'],
    ['a', { a: { type: 'choice', options: ['x'], default: 'y' } }, 'is not one of its options'],
    ['a', { a: { type: 'text' } }, 'the type text is not one of workflow_dispatch'],
    ['a', { a: { deprecationMessage: 'old' } }, 'deprecationMessage has no counterpart'],
  ])('says what it could not carry over: %s of %j', ([name, inputs, said]) => {
    const { notes } = fromWorkflow(workflow({ ...inputs, ...RUN_ID }))
    expect(about(notes, `.${name}`).join('\n')).toContain(said)
    expect(notes).toHaveLength(1)
  })

  it('keeps inputs of any name, and refuses inputs without names', () => {
    const inputs = {
      ['__proto__']: { type: 'string' },
      constructor: { type: 'boolean' },
      ...RUN_ID,
    }
    const { action } = fromWorkflow(workflow(inputs))
    expect(Object.keys(inputsOf(action))).toEqual(['__proto__', 'constructor', 'port_run_id'])
    const listed = { on: { workflow_dispatch: { inputs: ['a', 'b'] } }, jobs: {} }
    expect(() => fromWorkflow(listed)).toThrow(/inputs are a list/)
  })

  it('says that the run ID has nowhere to go, and what calls hide', () => {
    const jobs = { a: { uses: 'acme/shared/.github/workflows/x.yml@main' } }
    const { notes } = fromWorkflow(workflow({}, { jobs }))
    expect(about(notes, 'inputs').join()).toContain('no input takes the ID of the Port run')
    expect(about(notes, 'jobs').join()).toContain('steps that cannot be read')
  })

  it.for<[string, JsonObject, string]>([
    ['no workflow', { on: 'push' }, 'it is not a GitHub workflow'],
    [
      'another trigger',
      { ...workflow({}), on: ['push', 'schedule'] },
      'on: the workflow runs on push, schedule',
    ],
    [
      'too many inputs',
      workflow(Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`i${at}`, {}]))),
      'on.workflow_dispatch.inputs: has 26 inputs; GitHub accepts at most 25',
    ],
  ])('refuses %s', ([, document, said]) => {
    expect(() => fromWorkflow(document)).toThrow(said)
  })

  it.for(['services', 'a/b/c', '/x', ''])('refuses the repository %j', (repository) => {
    expect(() => fromWorkflow(workflow(RUN_ID), { repository })).toThrow('expected OWNER/NAME')
  })
})

describe('an action from a pipeline', () => {
  const fromPipeline = (documents: Json[], options: JsonObject = {}) =>
    actionFromPipeline(
      { file: '.gitlab-ci.yml', documents },
      { repository: 'acme/platform/provisioning', ref: 'main', ...options },
    )
  const job = { work: { script: ['make'] } }
  const include = [{ component: 'gitlab.com/port-dispatch/port-dispatch/report@0.1.0' }]

  it('asks for the variables that GitLab asks for', () => {
    const variables = {
      ENVIRONMENT: { description: 'Where', value: 'staging', options: ['staging', 'production'] },
      DRY_RUN: { description: 'Dry run', value: 'false', options: ['true', 'false'] },
      NOTE: { description: 'Why' },
      INTERNAL: 'x',
      ALSO_INTERNAL: { value: 'y' },
    }
    const { action, notes } = fromPipeline([{ include, variables, ...job }])
    expect(action).toMatchObject({
      identifier: 'provisioning',
      trigger: {
        userInputs: {
          properties: {
            environment: {
              type: 'string',
              title: 'Environment',
              description: 'Where',
              enum: ['staging', 'production'],
              default: 'staging',
            },
            dry_run: { type: 'boolean', title: 'Dry run', default: false },
            note: { type: 'string', title: 'Note', description: 'Why' },
          },
          required: [],
        },
      },
      invocationMethod: {
        type: 'GITLAB',
        groupName: 'acme/platform',
        projectName: 'provisioning',
        defaultRef: 'main',
        pipelineVariables: {
          ENVIRONMENT: '{{ .inputs.environment // "staging" }}',
          DRY_RUN: '{{ .inputs.dry_run // false }}',
          NOTE: '{{ .inputs.note // "" }}',
          PORT_RUN_ID: '{{ .run.id }}',
        },
      },
    })
    expect(notes).toEqual([])
  })

  it('leaves out what GitLab refuses, and says so', async () => {
    const inputs = {
      tier: { options: ['a', 'b'], default: 'z' },
      none: { default: null },
      ['__proto__']: { default: 'x' },
    }
    const variables = {
      'MY-VAR': { description: 'A' },
      SIZE: { description: 'B', value: 'xl', options: ['s', 'm'] },
      CONSTRUCTOR: { description: 'C' },
    }
    const { action, notes } = fromPipeline([{ spec: { inputs } }, { include, variables, ...job }])
    const { properties } = (action as { trigger: { userInputs: { properties: JsonObject } } })
      .trigger.userInputs
    expect(Object.keys(properties)).toEqual(['tier', 'none', '__proto__', 'size', 'constructor'])
    expect(properties.tier).not.toHaveProperty('default')
    expect(properties.size).not.toHaveProperty('default')
    expect(about(notes, 'tier')).toEqual([expect.stringContaining('"z" is not one of its options')])
    expect(about(notes, 'SIZE')).toEqual([
      expect.stringContaining('"xl" is not one of its options'),
    ])
    expect(about(notes, 'MY-VAR')).toEqual([expect.stringContaining('is left out')])
    expect(about(notes, 'none')).toEqual([])
    const { body } = action.invocationMethod as { body: JsonObject }
    expect(Object.keys(body.inputs as JsonObject)).toEqual([
      '{{ if .inputs.tier != null then "tier" else null end }}',
      '{{ if .inputs.none != null then "none" else null end }}',
      '__proto__',
    ])
    const { findings } = await lint([{ file: 'a.json', document: action }])
    expect(findings).toEqual([])
  })

  it('sends inputs in a webhook to GitLab, because actions of type GITLAB have none', () => {
    const inputs = {
      size: { type: 'number', default: 10 },
      version: { regex: '/^v\\d+$/', description: 'Which' },
      zones: { type: 'array', default: ['a', 'b'] },
      tier: { options: ['gold', 'silver'] },
    }
    const { action, notes } = fromPipeline([{ spec: { inputs } }, { include, ...job }], {
      gitlabUrl: 'https://git.example.com',
    })
    expect(action).toMatchObject({
      trigger: {
        userInputs: {
          properties: {
            size: { type: 'number', default: 10 },
            version: { type: 'string', pattern: '^v\\d+$', description: 'Which' },
            zones: { type: 'array', default: ['a', 'b'] },
            tier: { type: 'string', enum: ['gold', 'silver'] },
          },
          required: ['version', 'tier'],
        },
      },
      invocationMethod: {
        type: 'WEBHOOK',
        url: 'https://git.example.com/api/v4/projects/acme%2Fplatform%2Fprovisioning/trigger/pipeline',
        body: {
          token: '{{ .secrets.GITLAB_TRIGGER_TOKEN }}',
          ref: 'main',
          inputs: { zones: '{{ .inputs.zones // ["a","b"] }}', tier: '{{ .inputs.tier }}' },
          port_context: { runId: '{{ .run.id }}' },
        },
      },
    })
    expect(about(notes, 'spec.inputs').join()).toContain('GITLAB_TRIGGER_TOKEN')
    expect(() => fromPipeline([{ spec: { inputs } }, job], { installationId: 'gl' })).toThrow(
      'spec.inputs: integrations of Port send variables, and no inputs',
    )
  })

  it('has the integration report the end unless the pipeline does', () => {
    const through = (document: JsonObject) =>
      fromPipeline([document], { installationId: 'gl' }).action.invocationMethod
    expect(through({ ...job })).toMatchObject({
      integrationActionExecutionProperties: {
        reportPipelineStatus: true,
        project: 'acme/platform/provisioning',
      },
    })
    expect(through({ include, ...job })).toMatchObject({
      integrationActionExecutionProperties: { reportPipelineStatus: false },
    })
  })

  it.for<[string, Json[], string]>([
    ['a pipeline that does not report', [job], 'nothing ends the run in Port'],
    [
      'files that are not here',
      [{ include: 'https://example.com/x.yml', ...job }],
      'cannot be read here',
    ],
    ['an empty form', [{ include, ...job }], 'the form of the action is empty'],
    [
      'rules of an input',
      [{ spec: { inputs: { a: { default: '', rules: [] } } } }, { include, ...job }],
      'rules has no counterpart',
    ],
    [
      'a regex of another language',
      [{ spec: { inputs: { a: { regex: '(?<' } } } }, { include, ...job }],
      'is not a regular expression that forms understand',
    ],
    [
      'a default of another type',
      [{ spec: { inputs: { a: { type: 'number', default: 'x' } } } }, { include, ...job }],
      'is not of its type number',
    ],
    [
      'inputs of other files',
      [{ spec: { include: [], inputs: { a: {} } } }, { include, ...job }],
      'declared in other files',
    ],
  ])('says what it could not carry over: %s', ([, documents, said]) => {
    const { notes } = fromPipeline(documents)
    expect(notes.map(({ message }) => message).join('\n')).toContain(said)
  })
})

describe('the kind of a file', () => {
  it.for<[string, Json[], string | undefined]>([
    ['a workflow', [workflow({})], 'workflow'],
    ['a workflow read as YAML 1.1', [{ true: 'push', jobs: {} }], 'workflow'],
    ['a workflow without a trigger', [{ jobs: { a: { 'runs-on': 'x' } } }], 'workflow'],
    ['a pipeline', [{ build: { script: ['make'] } }], 'pipeline'],
    ['a pipeline that includes others', [{ include: [] }], 'pipeline'],
    ['a pipeline with a header', [{ spec: {} }, {}], 'pipeline'],
    ['an action', [{ identifier: 'a', invocationMethod: {} }], undefined],
    ['a list', [[1]], undefined],
    ['nothing', [], undefined],
  ])('is told by what is in it: %s', ([, documents, kind]) => {
    expect(kindOfFile(documents)).toBe(kind)
  })
})

const GITHUB: JsonObject = {
  type: 'GITHUB',
  org: 'acme',
  repo: 'services',
  workflow: 'ship.yml',
  reportWorkflowStatus: false,
}

function action(
  method: JsonObject,
  properties: JsonObject = {},
  more: JsonObject = {},
): JsonObject {
  return {
    identifier: 'ship_it',
    trigger: { type: 'self-service', operation: 'CREATE', userInputs: { properties, ...more } },
    invocationMethod: method,
  }
}

const make = (document: Json) => skeletonFor(document, 'The action a.json', { version: '1.2.3' })

async function inputsFor(sent: JsonObject, properties: JsonObject, more: JsonObject = {}) {
  const skeleton = await make(
    action(
      { ...GITHUB, workflowInputs: { ...sent, port_run_id: '{{ .run.id }}' } },
      properties,
      more,
    ),
  )
  const [document] = skeleton.documents
  const { port_run_id: _, ...inputs } = (
    document as { on: { workflow_dispatch: { inputs: JsonObject } } }
  ).on.workflow_dispatch.inputs
  return { inputs, notes: skeleton.notes }
}

describe('a workflow for an action', () => {
  it.for<[string, string, JsonObject, JsonObject, string | undefined]>([
    [
      'a text that is required',
      '{{ .inputs.x }}',
      { type: 'string', title: 'Some text' },
      { type: 'string', description: 'Some text', required: true },
      undefined,
    ],
    [
      'a text with a default',
      '{{ .inputs.x }}',
      { type: 'string', default: 'a' },
      { type: 'string', default: 'a' },
      undefined,
    ],
    [
      'a choice',
      '{{ .inputs.x // "a" }}',
      { type: 'string', enum: ['a', 'b'] },
      { type: 'choice', options: ['a', 'b'], default: 'a' },
      undefined,
    ],
    [
      'a choice that also sends something else',
      '{{ .inputs.x // "none" }}',
      { type: 'string', enum: ['a'] },
      { type: 'choice', options: ['a', 'none'], default: 'none' },
      undefined,
    ],
    [
      'numbers to choose from',
      '{{ .inputs.x // 1 }}',
      { type: 'number', enum: [1, 2] },
      { type: 'choice', options: ['1', '2'], default: '1' },
      'the options of the workflow are texts',
    ],
    [
      'a choice that can be null',
      '{{ .inputs.x }}',
      { type: 'string', enum: ['a'] },
      { type: 'string' },
      'the text null is sent',
    ],
    [
      'a flag that can be null',
      '{{ .inputs.x }}',
      { type: 'boolean' },
      { type: 'string' },
      'the text null is sent',
    ],
    [
      'a list',
      '{{ .inputs.x // [] }}',
      { type: 'array' },
      { type: 'string', default: '[]' },
      'gets it as JSON',
    ],
    [
      'a computed enum',
      '{{ .inputs.x // "" }}',
      { type: 'string', enum: { jqQuery: '["a"]' } },
      { type: 'string' },
      'enum of the form cannot be declared',
    ],
    [
      'what only a form checks',
      '{{ .inputs.x // "" }}',
      { type: 'string', pattern: 'a', minLength: 1 },
      { type: 'string' },
      'pattern, minLength of the form cannot be declared',
    ],
  ])('declares %s', async ([name, template, definition, input, said]) => {
    const required = name.includes('required') ? ['x'] : []
    const { inputs, notes } = await inputsFor({ x: template }, { x: definition }, { required })
    expect(inputs).toEqual({ x: input })
    expect(notes.map(({ message }) => message).join()).toContain(said ?? '')
    expect(notes).toHaveLength(said === undefined ? 0 : 1)
  })

  it('has the inputs in the order of the form, then what else is sent', async () => {
    const { inputs } = await inputsFor(
      {
        fixed: true,
        c: '{{ .inputs.c // "" }}',
        who: '{{ .trigger.by.user.email }}',
        a: '{{ .inputs.a // "" }}',
      },
      { c: { type: 'string' }, a: { type: 'string' } },
      { order: ['a', 'c'] },
    )
    expect(Object.entries(inputs)).toEqual([
      ['a', { type: 'string' }],
      ['c', { type: 'string' }],
      ['fixed', { type: 'boolean' }],
      ['who', { type: 'string' }],
    ])
  })

  it('carries the run ID in its run-name, wherever the action sends it', async () => {
    const { documents } = await make(
      action({ ...GITHUB, workflowInputs: { port_context: { run: '{{ .run }}' } } }),
    )
    expect(documents[0]).toMatchObject({
      'run-name': `Ship it (\${{ fromJSON(inputs.port_context || '{}').run.id }})`,
    })
  })

  it('says what the action lacks', async () => {
    const { documents, notes } = await make(
      action(
        {
          ...GITHUB,
          workflow: 17,
          reportWorkflowStatus: true,
          workflowInputs: { '{{ spreadValue() }}': '{{ .entity.properties }}' },
        },
        { x: { type: 'string' } },
      ),
    )
    expect(notes.map(({ path }) => path)).toEqual([
      'invocationMethod.workflowInputs',
      'invocationMethod.workflowInputs',
      'trigger.userInputs.properties.x',
      'invocationMethod.workflow',
      'invocationMethod.reportWorkflowStatus',
    ])
    expect(documents[0]).toMatchObject({
      jobs: { 'ship-it': { steps: [{ with: { reportWorkflowStatus: false } }, {}, {}] } },
    })
    const unsent = await make(
      action(
        { ...GITHUB, workflowInputs: { port_run_id: '{{ .run.id }}' } },
        { x: { type: 'string' } },
      ),
    )
    expect(about(unsent.notes, 'x')).toEqual(['is not sent, so that nothing is declared for it'])
  })

  it('lints clean for a form that has no method yet', async () => {
    const { invocationMethod: _, ...form } = action(
      {},
      {
        ref: { type: 'string' },
        x: { type: 'string', enum: ['a'] },
        n: { type: 'number', default: 1 },
      },
      { required: ['n'] },
    )
    for (const type of ['github', 'gitlab'] as const) {
      const { documents, notes } = await skeletonFor(form, 'The action', {
        version: '0.1.0',
        backend: { type, place: PLACE },
      })
      const [, added = ''] = /Add this to the action: (.*)$/s.exec(notes[0]?.message ?? '') ?? []
      const whole = { ...form, ...JSON.parse(`{${added}}`) }
      const file =
        type === 'github' ? readWorkflow('scale.yml', documents[0] ?? null, new Map()) : undefined
      const pipeline = readPipeline('.gitlab-ci.yml', documents)
      const { findings } = await lint([{ file: 'a.json', document: whole }], {
        targetOf: () =>
          file ? { type: 'workflow', workflow: file } : pipeline && { type: 'pipeline', pipeline },
      })
      const known = findings.filter(({ rule }) => rule !== 'protected-variables')
      expect(known).toEqual([])
    }
  })

  it.for<[string, JsonObject, string]>([
    ['KAFKA', { type: 'KAFKA' }, 'invocationMethod.type: KAFKA starts neither'],
    [
      'another webhook',
      { type: 'WEBHOOK', url: 'https://example.com', body: { inputs: {} } },
      'invocationMethod.type: WEBHOOK starts neither',
    ],
    [
      'another integration',
      { type: 'INTEGRATION_ACTION', installationId: 'x', integrationActionType: 'create_issue' },
      'invocationMethod.integrationActionType: create_issue starts neither',
    ],
    [
      'names that GitHub refuses',
      { ...GITHUB, workflowInputs: { '1st': 'x' } },
      'invocationMethod.workflowInputs["1st"]: is not a name',
    ],
    [
      'too many inputs',
      {
        ...GITHUB,
        workflowInputs: Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`i${at}`, 'x'])),
      },
      'invocationMethod.workflowInputs: makes 26 inputs',
    ],
    ['an action that is not valid', { type: 'GITHUB' }, 'invocationMethod.org: is missing'],
  ])('is refused for %s', async ([, method, said]) => {
    const refusal: InputError = await make(action(method)).then(
      () => expect.fail('It was not refused'),
      (error) => error,
    )
    expect(refusal.message).toContain(said)
    expect(refusal.code).toBe('INPUT')
  })

  it('is refused where the action starts something else than was asked for', async () => {
    const backend = { type: 'gitlab' as const, place: PLACE }
    await expect(
      skeletonFor(action(GITHUB), 'The action', { version: '0.1.0', backend }),
    ).rejects.toThrow('invocationMethod.type: GITHUB starts a workflow of GitHub')
  })
})

describe('a pipeline for an action', () => {
  it('says that nothing is sent as the text null', async () => {
    const method = {
      type: 'GITLAB',
      groupName: 'g',
      projectName: 'p',
      pipelineVariables: {
        X: '{{ .inputs.x }}',
        COST: '{{ .inputs.cost // "$5" }}',
        PORT_RUN_ID: '{{ .run.id }}',
      },
    }
    const { documents, notes } = await make(
      action(method, { x: { type: 'string' }, cost: { type: 'string' } }),
    )
    expect(about(notes, 'x')).toEqual([
      'the text null is sent if nothing was entered. To send nothing: {{ .inputs.x // "" }}',
    ])
    expect(documents).toEqual([
      {
        include: [{ component: 'gitlab.com/port-dispatch/port-dispatch/report@1.2.3' }],
        variables: {
          X: { description: 'X', value: '' },
          COST: { description: 'Cost', value: '$5', expand: false },
        },
        'ship-it': { script: ['echo "Replace this line with the work. It gets $X $COST"'] },
      },
    ])
  })
})
