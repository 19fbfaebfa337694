import {
  parseAction,
  parseTriggerData,
  renderInvocationMethod,
  toDispatchable,
} from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'
import { messageOf } from './problems-of.ts'

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }

describe('what is written for other tools', () => {
  const terraform = { identifier: 'deploy', github_method: { org: 'acme' } }

  it.each([
    ['resource.port_action.x.github_method', { resource: { port_action: { x: terraform } } }],
    [
      'resource[0].port_action[0].x.github_method',
      { resource: [{ port_action: [{ x: terraform }] }] },
    ],
    ['invocationMethod.github_method', { identifier: 'deploy', invocationMethod: terraform }],
    [
      'resources.x.properties.githubMethod',
      { resources: { x: { type: 'port:Action', properties: { githubMethod: {} } } } },
    ],
    [
      'properties.githubMethod',
      { type: 'port:index/action:Action', properties: { githubMethod: {} } },
    ],
  ])('is named by its place: %s', (path, value) => {
    const tool = path.endsWith('_method') ? 'Terraform' : 'Pulumi'
    expect(messageOf(() => parseAction(value))).toContain(
      `  ${path}: is the spelling of ${tool}; expected invocationMethod with "type": "GITHUB"`,
    )
  })

  it.each([
    ['a resource of Pulumi', { type: 'port:index:Action', properties: { title: 'Deploy' } }],
    ['a configuration of Terraform', 'resource "port_action" "deploy" { title = "Deploy" }'],
    ['a configuration of Terraform', '# Deploys\nterraform {\n}\n'],
    [
      'an error of Port\'s API: "No action x"',
      { ok: false, error: 'not_found', message: 'No action x' },
    ],
  ])('is named: %s', (what, value) => {
    expect(messageOf(() => parseAction(value))).toContain(`  found ${what}; expected an action`)
  })

  it('is not looked for in an action', () => {
    const { notes } = parseAction({
      identifier: 'deploy',
      trigger: { userInputs: { properties: { github_method: { type: 'string' } } } },
      invocationMethod: github,
    })
    expect(notes).toEqual([])
  })
})

describe('the properties of an integration action', () => {
  const workflow = { repo: 'services', workflow: 'deploy.yml', org: 'acme' }
  const pipeline = { project: 'acme/services', ref: 'main' }
  const under = (type: string, properties: object, beside: object = {}) => ({
    type: 'INTEGRATION_ACTION',
    integrationActionType: type,
    integrationActionExecutionProperties: properties,
    ...beside,
  })

  it.each([
    [under('dispatch_workflow', { ...workflow, inputs: {} }), 'inputs', 'workflowInputs'],
    [under('dispatch_workflow', { ...workflow, owner: 'x' }), 'owner', 'org'],
    [
      under('dispatch_workflow', { ...workflow, workflow_inputs: {} }),
      'workflow_inputs',
      'workflowInputs',
    ],
    [under('trigger_pipeline', { ...pipeline, variables: {} }), 'variables', 'pipelineVariables'],
    [under('trigger_pipeline', { ...pipeline, branch: 'x' }), 'branch', 'ref'],
  ])('are refused where they look like another: %#', (method, key, meant) => {
    const place = `integrationActionExecutionProperties.${key}`
    expect(messageOf(() => parseAction(method))).toMatch(
      new RegExp(`^  ${place}: .*\\b${meant}$`, 'm'),
    )
    const { integrationActionExecutionProperties: properties, ...rest } = method
    expect(messageOf(() => parseAction({ ...rest, ...properties }))).toMatch(
      new RegExp(`^  ${key}: .*\\b${meant}$`, 'm'),
    )
  })

  it('are noted where nobody reads them', () => {
    const method = under(
      'dispatch_workflow',
      { ...workflow, timeout: 5, wokflowInputs: {} },
      { ref: 'x', repo: 'y' },
    )
    expect(parseAction(method).notes.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'integrationActionExecutionProperties.timeout: is not a field of dispatch_workflow and has no effect',
      'integrationActionExecutionProperties.wokflowInputs: is not a field of dispatch_workflow and has no effect. Did you mean "workflowInputs"?',
      'repo: has no effect, because integrationActionExecutionProperties.repo takes precedence',
    ])
  })

  it('are not judged where the action is not known', () => {
    expect(parseAction(under('create_issue', { inputs: {} }, { payload: {} })).notes).toEqual([])
  })
})

describe('the mapping of an entity', () => {
  const method = {
    type: 'UPSERT_ENTITY',
    blueprintIdentifier: 'service',
    mapping: { identifier: 'a', propertes: { tier: 1 } },
  }

  it('has its unknown fields noted, and not sent', async () => {
    const action = parseAction(method)
    expect(action.notes.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'mapping.propertes: is not a field of an entity and has no effect. Did you mean "properties"?',
    ])
    const rendered = await renderInvocationMethod(action, { context: {} })
    expect(toDispatchable(rendered.method)).toEqual({
      type: 'UPSERT_ENTITY',
      blueprintIdentifier: 'service',
      mapping: { identifier: 'a', properties: {}, relations: {} },
    })
  })
})

describe('an action in something else', () => {
  const deploy = { identifier: 'deploy', invocationMethod: github }
  const restart = { identifier: 'restart', invocationMethod: { type: 'KAFKA' } }

  it.each([
    ["a response of Port's API", { ok: true, action: deploy }],
    ["a list in a response of Port's API", { ok: true, actions: [deploy] }],
    ['a list', [deploy]],
  ])('is found in %s', (_, value) => {
    expect(parseAction(value)).toEqual({ ...deploy, notes: [] })
  })

  it('is chosen by its identifier', () => {
    expect(parseAction([deploy, restart], 'a.json', { identifier: 'restart' })).toEqual({
      ...restart,
      notes: [],
    })
    expect(parseAction(github, 'a.json', { identifier: 'any' }).invocationMethod).toEqual(github)
  })

  it('has to be chosen if there are several', () => {
    expect(
      messageOf(() => parseAction({ ok: true, actions: [deploy, github, restart] }, 'a.json')),
    ).toBe(
      'a.json is not valid:\n  holds 3 actions: deploy, the one at actions[1], restart. Choose one by its identifier: action FILE#identifier',
    )
  })

  it('names those that are there if the chosen one is not', () => {
    expect(
      messageOf(() => parseAction([deploy, restart], 'a.json', { identifier: 'x' })),
    ).toContain('holds no action "x", but deploy, restart')
    expect(
      messageOf(() => parseAction([deploy, deploy], 'a.json', { identifier: 'deploy' })),
    ).toContain('holds 2 actions "deploy"')
  })

  it('is refused if there is none', () => {
    expect(messageOf(() => parseAction([]))).toContain('holds no action')
    expect(messageOf(() => parseAction({ ok: true, actions: [] }))).toContain('holds no action')
  })

  it('names its problems by where it stands', () => {
    const broken = { identifier: 'deploy', invocationMethod: { ...github, org: 1 } }
    expect(
      messageOf(() => parseAction([restart, broken], 'a', { identifier: 'deploy' })),
    ).toContain('[1].invocationMethod.org: found 1')
  })

  it('can be a node of a workflow of Port, whose webhooks are waited for', () => {
    const webhook = { type: 'WEBHOOK', url: 'https://x.example', onTimeout: 'continue' }
    const node = { identifier: 'call', title: 'Call', config: webhook }
    const trigger = { identifier: 'start', config: { type: 'SELF_SERVE_TRIGGER' } }
    const condition = { identifier: 'if', config: { type: 'CONDITION', options: [] } }
    const expected = { ...webhook, synchronized: true }
    expect(parseAction(node).invocationMethod).toEqual(expected)
    expect(parseAction({ nodes: [trigger, condition, node] }).invocationMethod).toEqual(expected)
    expect(
      parseAction({ ...node, config: { ...webhook, synchronized: false } }).invocationMethod,
    ).toMatchObject({ synchronized: false })
  })
})

describe('something else than an action', () => {
  it.each([
    ['github_method', 'Terraform', 'GITHUB'],
    ['webhookMethod', 'Pulumi', 'WEBHOOK'],
    ['upsert_entity_method', 'Terraform', 'UPSERT_ENTITY'],
    ['azureMethod', 'Pulumi', 'AZURE_DEVOPS'],
  ])('with %s is named as a definition of %s', (key, tool, type) => {
    const text = messageOf(() => parseAction({ identifier: 'a', [key]: { org: 'acme' } }))
    expect(text).toContain(`${key}: is the spelling of ${tool}`)
    expect(text).toContain(`"type": "${type}"`)
  })

  it.each([
    [{ org: 'acme', repo: 'services', workflow: 'deploy.yml' }, 'GITHUB'],
    [{ project_name: 'p', group_name: 'g' }, 'GITLAB'],
    [{ url: 'https://x.example' }, 'WEBHOOK'],
    [{ blueprint_identifier: 'service' }, 'UPSERT_ENTITY'],
  ])('is told which type %j is probably meant to be', (value, type) => {
    expect(messageOf(() => parseAction(value))).toContain(`add "type": "${type}"`)
  })

  it.each([
    { inputs: {}, run: { id: 'r_1' } },
    { resourceType: 'run', context: { runId: 'r_1' }, payload: {} },
    { outputs: {}, workflowNodeRun: { identifier: 'wfnr_1' } },
  ])('is named if it is a context: %j', (value) => {
    expect(messageOf(() => parseAction(value))).toContain('found a context')
  })

  it('is named if it is a GitHub workflow', () => {
    expect(messageOf(() => parseAction({ on: 'push', jobs: {} }))).toContain('a GitHub workflow')
  })
})

describe('an action and a context that are interchanged', () => {
  const contexts = [
    { inputs: {} },
    { run: { id: 'r_1' } },
    { entity: { identifier: 'checkout' } },
    { trigger: { by: { orgId: 'o' }, operation: 'CREATE' } },
    { context: { runId: 'r_1' }, payload: { properties: {} } },
    { resourceType: 'run', context: { runId: 'r_1' }, payload: {} },
  ]
  const actions = [
    github,
    { identifier: 'deploy', invocationMethod: github },
    { identifier: 'deploy', trigger: { type: 'self-service', operation: 'CREATE' } },
    { identifier: 'deploy', trigger: 'CREATE', userInputs: {} },
    { identifier: 'deploy', github_method: {} },
    { ok: true, action: { identifier: 'deploy', invocationMethod: github } },
    { ok: true, actions: [] },
    [{ identifier: 'deploy', invocationMethod: github }],
  ]

  it.each(contexts)('are noticed where %j is the action', (context) => {
    expect(messageOf(() => parseAction(context))).toContain('Did you swap action and context?')
    expect(() => parseTriggerData(context)).not.toThrow()
  })

  it.each(actions)('are noticed where %j is the context', (action) => {
    expect(messageOf(() => parseTriggerData(action))).toContain('Did you swap action and context?')
  })
})

describe('a field that an action does not have', () => {
  const action = {
    identifier: 'deploy',
    trigger: { type: 'self-service', operation: 'CREATE', userInputs: { properties: {} } },
    invocationMethod: github,
  }

  it.each([
    [
      { ...action, titel: 'Deploy' },
      'titel is not a field of an action and has no effect. Did you mean "title"?',
    ],
    [{ ...action, colour: 'red' }, 'colour is not a field of an action and has no effect'],
    [
      { ...action, trigger: { ...action.trigger, operaton: 'CREATE' } },
      'trigger.operaton is not a field of a trigger and has no effect. Did you mean "operation"?',
    ],
    [
      { ...action, trigger: { ...action.trigger, userInputs: { properties: {}, requried: [] } } },
      'trigger.userInputs.requried is not a field of userInputs and has no effect. Did you mean "required"?',
    ],
  ])('is noted, with the one that is like it (%#)', (value, message) => {
    const notes = parseAction(value).notes.map((note) => `${note.path} ${note.message}`)
    expect(notes).toEqual([message])
    const nested = parseAction({ actions: [value] }).notes.map(({ path }) => path)
    expect(nested[0]).toMatch(/^actions\[0\]\./)
  })

  it('is a problem if it stands for the invocation method', () => {
    const { invocationMethod, ...rest } = action
    for (const name of ['invocation_method', 'invocationMethd']) {
      expect(messageOf(() => parseAction({ ...rest, [name]: invocationMethod }))).toContain(
        `${name}: is not a field of an action. Write invocationMethod`,
      )
    }
  })

  it('is not one that Port returns, or that its first version had', () => {
    const returned = {
      ...action,
      id: 'a1',
      createdAt: '',
      updatedBy: '',
      permissions: {},
      publish: true,
    }
    expect(parseAction({ ok: true, action: returned }).notes).toEqual([])
  })
})
