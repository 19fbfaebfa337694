import { parseAction, parseTriggerData } from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'
import { messageOf } from './problems-of.ts'

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }

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
    expect(messageOf(() => parseAction(context))).toContain('action and context are interchanged')
    expect(() => parseTriggerData(context)).not.toThrow()
  })

  it.each(actions)('are noticed where %j is the context', (action) => {
    expect(messageOf(() => parseTriggerData(action))).toContain(
      'action and context are interchanged',
    )
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
