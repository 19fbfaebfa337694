import { parseAction } from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'
import { messageOf, problemsOf } from './problems-of.ts'

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }

describe('an action', () => {
  it('is read with the invocation method that Port stores', () => {
    expect(
      parseAction({ identifier: 'deploy', title: 'Deploy', invocationMethod: github }),
    ).toEqual({
      identifier: 'deploy',
      title: 'Deploy',
      invocationMethod: github,
      notes: [],
    })
  })

  it('may be a bare invocation method', () => {
    expect(parseAction(github)).toEqual({ invocationMethod: github, notes: [] })
  })

  it('takes flags as booleans and as templates', () => {
    const webhook = {
      type: 'WEBHOOK',
      url: 'https://x.example',
      agent: true,
      synchronized: '{{ .inputs.sync }}',
    }
    expect(parseAction(webhook).invocationMethod).toEqual(webhook)
  })

  it('takes a payload and a body as an object or an array', () => {
    expect(parseAction({ type: 'KAFKA', payload: ['{{ . }}'] }).invocationMethod).toMatchObject({
      type: 'KAFKA',
    })
    expect(() => parseAction({ type: 'KAFKA', payload: 'text' })).toThrow('payload')
  })

  it.each([
    ['GITHUB', { ...github, reportWorkflowStatus: null, workflowInputs: null }],
    ['GITLAB', { projectName: 'p', groupName: 'g', defaultRef: null, pipelineVariables: null }],
    [
      'WEBHOOK',
      {
        url: 'https://x.example',
        agent: null,
        synchronized: null,
        method: null,
        headers: null,
        body: null,
        onTimeout: null,
      },
    ],
    ['KAFKA', { payload: null }],
    [
      'UPSERT_ENTITY',
      {
        blueprintIdentifier: 'service',
        mapping: {
          identifier: null,
          title: null,
          icon: null,
          team: null,
          properties: null,
          relations: null,
        },
      },
    ],
    ['AZURE_DEVOPS', { org: 'acme', webhook: 'port', payload: null }],
  ])('takes null for a field of %s that is absent', (type, method) => {
    const action = { identifier: null, title: null, invocationMethod: { ...method, type } }
    expect(JSON.stringify(parseAction(action))).not.toContain('null')
  })

  it('names every missing or wrong field by its path', () => {
    const invocationMethod = { type: 'GITHUB', org: 7, repo: '', workflowInputs: ['a'] }
    expect(problemsOf(() => parseAction({ identifier: 'a', invocationMethod }))).toEqual([
      { path: 'invocationMethod.org', found: 'found 7', expected: 'a string' },
      {
        path: 'invocationMethod.repo',
        found: 'found ""',
        expected: 'a string that is not empty',
      },
      { path: 'invocationMethod.workflow', found: 'is missing' },
      { path: 'invocationMethod.workflowInputs', found: 'found an array', expected: 'an object' },
    ])
  })

  it.each([null, 'text', 7, undefined])('is refused when it is %j', (value) => {
    expect(() => parseAction(value, 'The action a.json')).toThrow('The action a.json is not valid')
  })

  it('is refused without an invocation method', () => {
    expect(() => parseAction({ identifier: 'a' })).toThrow(
      'invocationMethod: is missing; expected an invocation method',
    )
  })
})

describe('a field that a type does not have', () => {
  it('is noted', () => {
    const method = { type: 'WEBHOOK', url: 'https://x.example', queryParams: { a: '1' }, x: 1 }
    expect(parseAction(method).notes).toEqual([
      {
        type: 'unknown-key',
        path: 'queryParams',
        message: 'is not a field of WEBHOOK and has no effect. Put the parameters into url',
      },
      { type: 'unknown-key', path: 'x', message: 'is not a field of WEBHOOK and has no effect' },
    ])
    expect(parseAction({ type: 'KAFKA', x: null }).notes).toEqual([])
  })

  it.each([
    [{ ...github, ref: 'main' }, 'ref', 'workflowInputs.ref'],
    [{ ...github, branch: 'main' }, 'branch', 'workflowInputs.ref'],
    [{ ...github, inputs: {} }, 'inputs', 'workflowInputs'],
    [{ type: 'GITLAB', projectName: 'p', groupName: 'g', ref: 'x' }, 'ref', 'defaultRef'],
    [{ type: 'GITLAB', projectName: 'p', groupName: 'g', variables: {} }, 'variables', 'pipeline'],
    [{ type: 'WEBHOOK', url: 'https://x.example', payload: {} }, 'payload', 'body'],
    [{ type: 'KAFKA', topic: 't' }, 'topic', 'the topic of the organization'],
    [
      { type: 'UPSERT_ENTITY', blueprintIdentifier: 'b', mapping: {}, identifier: 'i' },
      'identifier',
      'mapping.identifier',
    ],
  ])('is refused where it looks like a target or a payload: %j', (method, key, place) => {
    const [problem] = problemsOf(() => parseAction({ invocationMethod: method }))
    expect(problem?.path).toBe(`invocationMethod.${key}`)
    expect(problem?.advice).toContain(place)
  })

  it.each([
    [{ ...github, workflow_inputs: {} }, 'workflow_inputs', 'Terraform', 'workflowInputs'],
    [{ ...github, workflowinputs: {} }, 'workflowinputs', 'not spelled', 'workflowInputs'],
    [{ type: 'KAFKA', Payload: {} }, 'Payload', 'not spelled', 'payload'],
  ])('is refused where it is misspelled: %j', (method, key, found, meant) => {
    expect(problemsOf(() => parseAction(method))).toEqual([
      { path: key, found: expect.stringContaining(found), advice: `Write ${meant}` },
    ])
  })
})

describe('a type', () => {
  it('that is not known is taken as it is, with a note', () => {
    const method = { type: 'BITBUCKET', repo: '{{ .inputs.repo }}' }
    expect(parseAction(method)).toEqual({
      invocationMethod: method,
      notes: [
        {
          type: 'unknown-type',
          path: 'type',
          message: 'unknown type "BITBUCKET" is rendered as it is',
        },
      ],
    })
    expect(parseAction({ type: 'github' }).notes[0]?.message).toContain('Port writes GITHUB')
  })

  it('is required', () => {
    expect(problemsOf(() => parseAction({ invocationMethod: { a: 1 } }))).toEqual([
      {
        path: 'invocationMethod.type',
        found: 'is missing',
        expected:
          'one of GITHUB, GITLAB, WEBHOOK, KAFKA, INTEGRATION_ACTION, UPSERT_ENTITY, AZURE_DEVOPS, JENKINS, SLACK',
      },
    ])
    expect(messageOf(() => parseAction({ type: 7 }))).toContain('type: found 7')
  })
})

describe('an integration action', () => {
  const dispatch = { type: 'INTEGRATION_ACTION', integrationActionType: 'dispatch_workflow' }
  const properties = { org: 'acme', repo: 'services', workflow: 'deploy.yml' }

  it('has its properties beside the type or under their own key', () => {
    const beside = { ...dispatch, ...properties }
    const under = { ...dispatch, integrationActionExecutionProperties: properties }
    expect(parseAction(beside)).toEqual({ invocationMethod: beside, notes: [] })
    expect(parseAction(under)).toEqual({ invocationMethod: under, notes: [] })
  })

  it('is refused without what it needs, by where that belongs', () => {
    expect(messageOf(() => parseAction({ ...dispatch, repo: 7 }))).toBe(
      'The action is not valid:\n  repo: found 7; expected a string\n  workflow: is missing',
    )
    const trigger = {
      type: 'INTEGRATION_ACTION',
      integrationActionType: 'trigger_pipeline',
      integrationActionExecutionProperties: { project: 42 },
    }
    expect(problemsOf(() => parseAction({ invocationMethod: trigger }))).toEqual([
      {
        path: 'invocationMethod.integrationActionExecutionProperties.ref',
        found: 'is missing',
      },
    ])
  })

  it('of another kind is taken as it is', () => {
    const method = {
      type: 'INTEGRATION_ACTION',
      integrationActionType: 'create_issue',
      title: '{{ .inputs.title }}',
    }
    expect(parseAction(method)).toEqual({ invocationMethod: method, notes: [] })
  })

  it('has another name for its action in a workflow of Port', () => {
    const node = {
      config: {
        type: 'INTEGRATION_ACTION',
        integrationProvider: 'GITHUB',
        integrationInvocationType: 'dispatch_workflow',
        integrationActionExecutionProperties: properties,
      },
    }
    expect(parseAction(node).invocationMethod).toMatchObject({
      integrationActionType: 'dispatch_workflow',
    })
  })
})
