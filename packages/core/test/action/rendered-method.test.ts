import {
  parseAction,
  parseRenderedMethod,
  parseTriggerData,
  renderInvocationMethod,
} from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'
import { messageOf, problemsOf } from './problems-of.ts'

const github = { type: 'GITHUB', org: 'acme', repo: 'services', workflow: 'deploy.yml' }
const gitlab = { type: 'GITLAB', projectName: 'shop', groupName: 'acme/web' }
const webhook = { type: 'WEBHOOK', url: 'https://x.example' }

describe('a rendered invocation method', () => {
  it('has its defaults', () => {
    expect(parseRenderedMethod('GITHUB', github)).toEqual({
      ...github,
      reportWorkflowStatus: true,
      workflowInputs: {},
    })
    expect(parseRenderedMethod('GITLAB', gitlab)).toEqual({
      ...gitlab,
      defaultRef: 'main',
      pipelineVariables: {},
    })
    expect(parseRenderedMethod('WEBHOOK', webhook)).toEqual({
      ...webhook,
      method: 'POST',
      headers: {},
      agent: false,
      synchronized: false,
    })
    expect(
      parseRenderedMethod('UPSERT_ENTITY', {
        type: 'UPSERT_ENTITY',
        blueprintIdentifier: 'service',
        mapping: { team: null },
      }),
    ).toMatchObject({ mapping: { properties: {}, relations: {} } })
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
      {
        path: 'repo',
        found: 'found null',
        expected: 'the name of a repository, without its owner, as a string',
      },
      { path: 'reportWorkflowStatus', found: 'found "perhaps"', expected: 'true or false' },
    ])
  })

  it.each([
    ['GITHUB', 'org', github],
    ['GITHUB', 'repo', github],
    ['GITHUB', 'workflow', github],
    ['GITLAB', 'projectName', gitlab],
    ['GITLAB', 'groupName', gitlab],
  ])('of %s is refused if %s leads elsewhere', (type, field, method) => {
    const elsewhere = [
      null,
      '',
      '.',
      '..',
      '../x',
      'a/../b',
      '/a',
      'a/',
      'a\\b',
      'a?b',
      '%2e%2e',
      'a\nb',
    ]
    for (const value of [...elsewhere, ...(field === 'groupName' ? [] : ['a/b'])]) {
      const [problem] = problemsOf(() => parseRenderedMethod(type, { ...method, [field]: value }))
      expect([value, problem?.path]).toEqual([value, field])
    }
  })

  it.each([
    [123, '123'],
    ['123', '123'],
    ['deploy.yml', 'deploy.yml'],
  ])('names a workflow by its file or id: %j', (workflow, expected) => {
    expect(parseRenderedMethod('GITHUB', { ...github, workflow })).toMatchObject({
      workflow: expected,
    })
  })

  it.each([0, -1, 1.5, true, '.github/workflows/deploy.yml'])(
    'is refused if the workflow is %j',
    (workflow) => {
      expect(messageOf(() => parseRenderedMethod('GITHUB', { ...github, workflow }))).toContain(
        'workflow: found',
      )
    },
  )

  it('takes the placeholders of published definitions for names', () => {
    const draft = { ...github, org: '<GITHUB_ORG>', repo: '<Enter GitHub repository>' }
    expect(parseRenderedMethod('GITHUB', draft)).toMatchObject(draft)
  })

  it('of an integration action is checked like that of GITHUB or GITLAB', () => {
    const action = {
      type: 'INTEGRATION_ACTION',
      integrationActionType: 'dispatch_workflow',
      integrationActionExecutionProperties: { org: '..', repo: 'a/b', workflow: null },
    }
    expect(
      problemsOf(() => parseRenderedMethod('INTEGRATION_ACTION', action)).map(({ path }) => path),
    ).toEqual(
      ['org', 'repo', 'workflow'].map((key) => `integrationActionExecutionProperties.${key}`),
    )
    const pipeline = {
      type: 'INTEGRATION_ACTION',
      integrationActionType: 'trigger_pipeline',
      project: 'acme/../other',
      ref: null,
    }
    expect(
      problemsOf(() => parseRenderedMethod('INTEGRATION_ACTION', pipeline)).map(({ path }) => path),
    ).toEqual(['project', 'ref'])
  })

  it('of an unknown type stays as it is', () => {
    expect(parseRenderedMethod('BITBUCKET', { type: 'BITBUCKET', repo: null })).toEqual({
      type: 'BITBUCKET',
      repo: null,
    })
  })
})

describe('a rendered webhook', () => {
  it.each(['post', 'Put', 'PATCH', 'get', 'DELETE'])('can use the method %s', (method) => {
    expect(parseRenderedMethod('WEBHOOK', { ...webhook, method })).toMatchObject({
      method: method.toUpperCase(),
    })
  })

  it.each([
    [{ method: 'HEAD' }, 'method: found "HEAD"; expected one of POST, PUT, PATCH, GET, DELETE'],
    [{ url: null }, 'url: found null'],
    [{ body: 'text' }, 'body: found "text"; expected an object or an array'],
    [{ headers: { a: {} } }, 'headers.a: found an object'],
    [{ headers: { a: [] } }, 'headers.a: found an array'],
    [{ headers: { 'a b': 'x' } }, 'headers["a b"]: is not a name that HTTP allows'],
    [{ headers: ['a'] }, 'headers: found an array; expected an object'],
    [{ onTimeout: 'retry' }, 'onTimeout: found "retry"; expected fail or continue'],
  ])('is refused with %j', (fields, message) => {
    expect(messageOf(() => parseRenderedMethod('WEBHOOK', { ...webhook, ...fields }))).toContain(
      message,
    )
  })

  it('is refused with a header value that HTTP does not allow, without showing it', () => {
    for (const value of ['secret\r\nX: y', 'secret\0', 'secret → x']) {
      const headers = { Authorization: value }
      const text = messageOf(() => parseRenderedMethod('WEBHOOK', { ...webhook, headers }))
      expect(text).toContain('headers.Authorization: has a character that HTTP does not allow')
      expect(text).not.toContain('secret')
    }
  })
})

describe('rendering', () => {
  const context = parseTriggerData({ inputs: { n: 3 }, entity: null, run: { id: 'r_1' } })

  it('says in notes what Port does without complaint', async () => {
    const { method, notes } = await renderInvocationMethod(
      parseAction({
        type: 'WEBHOOK',
        url: '<WEBHOOK_URL>/{{ .inputs.n }}',
        headers: { n: '{{ .inputs.n }}', entity: '{{ .entity.identifier }}' },
        queryParams: { a: 'b' },
      }),
      context,
    )
    expect(method).toMatchObject({ url: '<WEBHOOK_URL>/3', headers: { n: 3, entity: null } })
    expect(notes.map(({ type, path }) => [type, path])).toEqual([
      ['unknown-key', 'queryParams'],
      ['unusable-url', 'url'],
      ['dropped-header', 'headers.entity'],
    ])
  })

  it('notes that an entity gets a generated identifier', async () => {
    const mapping = { identifier: '{{ .entity.identifier }}', title: '{{ .inputs.n }}' }
    const { method, notes } = await renderInvocationMethod(
      parseAction({ type: 'UPSERT_ENTITY', blueprintIdentifier: 'service', mapping }),
      context,
    )
    expect(method).toMatchObject({ mapping: { title: 3, properties: {} } })
    expect(notes).toMatchObject([{ type: 'generated-identifier', path: 'mapping.identifier' }])
  })

  it('takes a bare invocation method as well, and a type that is not known', async () => {
    const { invocationMethod } = parseAction({ type: 'NEW', a: ['{{ .inputs.n }}'] })
    expect(await renderInvocationMethod(invocationMethod, context)).toEqual({
      method: { type: 'NEW', a: [3] },
      failures: [],
      notes: [],
    })
  })

  it('takes null from a template for an absent field', async () => {
    const { method } = await renderInvocationMethod(
      parseAction({
        type: 'GITHUB',
        org: 'acme',
        repo: 'services',
        workflow: 'deploy.yml',
        reportWorkflowStatus: '{{ .inputs.report }}',
      }),
      context,
    )
    expect(method).toMatchObject({ reportWorkflowStatus: true })
  })
})
