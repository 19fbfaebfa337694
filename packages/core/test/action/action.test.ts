import { parseAction, parseRenderedMethod, parseTriggerData } from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }

function problemsOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return (error as { problems: unknown }).problems
  }
  return []
}

describe('an action', () => {
  it('is read with the invocation method that Port stores', () => {
    expect(
      parseAction({ identifier: 'deploy', title: 'Deploy', invocationMethod: github }),
    ).toEqual({
      identifier: 'deploy',
      title: 'Deploy',
      invocationMethod: github,
    })
  })

  it('may be a bare invocation method', () => {
    expect(parseAction(github)).toEqual({ invocationMethod: github })
  })

  it("may be the answer of Port's API", () => {
    const action = { identifier: 'deploy', invocationMethod: github }
    expect(parseAction({ ok: true, action })).toEqual(action)
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

  it('names an unknown type together with those that are supported', () => {
    expect(problemsOf(() => parseAction({ invocationMethod: { type: 'AZURE_DEVOPS' } }))).toEqual([
      {
        path: 'invocationMethod.type',
        found: 'found "AZURE_DEVOPS"; supported are GITHUB, GITLAB, WEBHOOK, KAFKA',
      },
    ])
  })

  it('names every missing or wrong field by its path', () => {
    const invocationMethod = { type: 'GITHUB', org: 7, repo: '', workflowInputs: ['a'] }
    expect(problemsOf(() => parseAction({ identifier: 'a', invocationMethod }))).toEqual([
      { path: 'invocationMethod.org', found: 'found 7; expected a string' },
      { path: 'invocationMethod.repo', found: 'found ""; expected a string that is not empty' },
      {
        path: 'invocationMethod.workflow',
        found: 'is missing',
      },
      { path: 'invocationMethod.workflowInputs', found: 'found an array; expected an object' },
    ])
  })

  it.each([null, [], 'text', 7])('is refused when it is %j', (value) => {
    expect(() => parseAction(value, 'The action a.json')).toThrow('The action a.json is not valid')
  })

  it('is refused without an invocation method', () => {
    expect(() => parseAction({ identifier: 'a' })).toThrow(
      'invocationMethod.type: found no invocation method',
    )
  })
})

describe('a rendered invocation method', () => {
  it('has its defaults', () => {
    expect(parseRenderedMethod('GITHUB', github)).toEqual({
      ...github,
      reportWorkflowStatus: true,
      workflowInputs: {},
    })
    expect(
      parseRenderedMethod('GITLAB', { type: 'GITLAB', projectName: 'p', groupName: 'g' }),
    ).toEqual({
      type: 'GITLAB',
      projectName: 'p',
      groupName: 'g',
      defaultRef: 'main',
      pipelineVariables: {},
    })
  })

  it.each([
    [true, true],
    [false, false],
    ['false', false],
    ['true', true],
    [null, true],
    [undefined, true],
  ])('reads the flag %j as %j', (reportWorkflowStatus, expected) => {
    expect(
      parseRenderedMethod('GITHUB', {
        ...github,
        ...(reportWorkflowStatus !== undefined && { reportWorkflowStatus }),
      }),
    ).toMatchObject({
      reportWorkflowStatus: expected,
    })
  })

  it('names what did not render to something usable', () => {
    const rendered = { ...github, repo: null, reportWorkflowStatus: 'perhaps' }
    expect(problemsOf(() => parseRenderedMethod('GITHUB', rendered))).toEqual([
      { path: 'repo', found: 'found null; expected a string' },
      { path: 'reportWorkflowStatus', found: 'found "perhaps"; expected true or false' },
    ])
  })
})

describe('trigger data', () => {
  it('is the context as it is', () => {
    const context = { inputs: { a: 1 }, run: { id: 'r_1' }, own: true }
    expect(parseTriggerData(context)).toEqual({ context, runId: 'r_1' })
  })

  it('may come from an automation, which has no inputs', () => {
    expect(parseTriggerData({ inputs: null, event: { action: 'UPDATE' } })).not.toHaveProperty(
      'runId',
    )
  })

  it('is made from a run message', () => {
    const message = {
      action: 'deploy',
      resourceType: 'run',
      status: 'TRIGGERED',
      trigger: { origin: 'UI' },
      context: { entity: 'checkout', blueprint: 'service', runId: 'r_1' },
      payload: { entity: { identifier: 'checkout' }, action: {}, properties: { version: '1' } },
    }
    expect(parseTriggerData(message)).toEqual({
      runId: 'r_1',
      context: {
        inputs: { version: '1' },
        trigger: { origin: 'UI' },
        event: null,
        entity: { identifier: 'checkout' },
        action: { identifier: 'deploy', blueprint: 'service' },
        run: { id: 'r_1' },
        secrets: {},
      },
    })
  })

  it('is refused with the path of what is wrong', () => {
    expect(problemsOf(() => parseTriggerData({ inputs: 'x', run: { id: 7 } }))).toEqual([
      { path: 'inputs', found: 'found "x"; expected an object' },
      { path: 'run.id', found: 'found 7; expected a string' },
    ])
  })

  it.each([null, [], 'text'])('is refused when it is %j', (value) => {
    expect(() => parseTriggerData(value)).toThrow('expected an object')
  })
})
