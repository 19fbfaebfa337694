import type { JsonObject } from '@port-dispatch/core'
import {
  type DispatchableOptions,
  parseRenderedMethod,
  toDispatchable,
} from '@port-dispatch/core/action'
import { describe, expect, it } from 'vitest'
import { messageOf } from './problems-of.ts'

function dispatchable(method: JsonObject & { type: string }, options?: DispatchableOptions) {
  return toDispatchable(parseRenderedMethod(method.type, method), options)
}

const workflow = { org: 'acme', repo: 'services', workflow: 'deploy.yml' }

describe('a method to dispatch', () => {
  it('names the branch of a workflow beside its inputs', () => {
    const workflowInputs = { ref: 'release', version: '1' }
    expect(dispatchable({ type: 'GITHUB', ...workflow, workflowInputs })).toEqual({
      type: 'GITHUB',
      ...workflow,
      ref: 'release',
      workflowInputs: { version: '1' },
      reportWorkflowStatus: true,
    })
    const none = dispatchable({ type: 'GITHUB', ...workflow, workflowInputs: { ref: null } })
    expect(none).toMatchObject({ workflowInputs: {} })
    expect(none).not.toHaveProperty('ref')
  })

  it('is refused if the branch is not text', () => {
    const method = { type: 'GITHUB', ...workflow, workflowInputs: { ref: 7 } }
    expect(messageOf(() => dispatchable(method))).toContain('workflowInputs.ref: found 7')
  })

  it.each([
    [undefined, 'main'],
    [{ ref: 'release' }, 'release'],
    [{ ref: '' }, 'main'],
    [{ ref: 7 }, 'main'],
    [null, 'main'],
  ])('with the user inputs %j runs the pipeline on %s', (inputs, ref) => {
    const method = { type: 'GITLAB', projectName: 'shop', groupName: 'acme/web' }
    expect(dispatchable(method, { inputs })).toEqual({
      type: 'GITLAB',
      project: 'acme/web/shop',
      ref,
      pipelineVariables: {},
      reportPipelineStatus: true,
    })
  })

  it('sends the headers of a webhook as text, without those that are null', () => {
    const method = {
      type: 'WEBHOOK',
      url: 'https://x.example',
      headers: { a: 1, b: true, c: 'x', d: null },
    }
    expect(dispatchable(method)).toMatchObject({ headers: { a: '1', b: 'true', c: 'x' } })
    expect(dispatchable(method)).not.toHaveProperty('headers.d')
  })

  it.each([
    '/relative',
    'null/api',
    'ftp://x.example',
    'x.example/a',
    'https://<HOST>/',
    'javascript:0',
  ])('is refused if its URL is %j', (url) => {
    expect(messageOf(() => dispatchable({ type: 'WEBHOOK', url }))).toContain('url: found')
  })

  it('does not show what a URL can hold of secrets', () => {
    const url = 'null://user:hidden@x.example/hook?token=hidden'
    const text = messageOf(() => dispatchable({ type: 'WEBHOOK', url }))
    expect(text).toContain('//…@x.example/hook?…')
    expect(text).not.toContain('hidden')
  })

  it('writes an entity with text for its names', () => {
    const method = {
      type: 'UPSERT_ENTITY',
      blueprintIdentifier: 'service',
      mapping: { identifier: 7, title: true, team: ['a'], relations: { owner: null } },
    }
    expect(dispatchable(method)).toEqual({
      ...method,
      mapping: {
        identifier: '7',
        title: 'true',
        team: ['a'],
        properties: {},
        relations: { owner: null },
      },
    })
  })
})

describe('an integration action to dispatch', () => {
  const method = { type: 'INTEGRATION_ACTION', installationId: 'github-1' }
  const dispatch = { ...method, integrationActionType: 'dispatch_workflow' }
  const trigger = { ...method, integrationActionType: 'trigger_pipeline' }

  it.each([
    ['beside the type', (properties: object) => ({ ...dispatch, ...properties })],
    [
      'under their own key',
      (properties: object) => ({ ...dispatch, integrationActionExecutionProperties: properties }),
    ],
  ])('is a workflow of GitHub, with its properties %s', (_, place) => {
    const properties = {
      ...workflow,
      ref: 'release',
      workflowInputs: { ref: 'an input', version: '1' },
      reportWorkflowStatus: 'false',
    }
    expect(dispatchable(place(properties))).toEqual({
      type: 'GITHUB',
      ...workflow,
      ref: 'release',
      workflowInputs: { ref: 'an input', version: '1' },
      reportWorkflowStatus: false,
    })
  })

  it('takes the branch from the inputs where it has none beside them', () => {
    const properties = { ...workflow, ref: null, workflowInputs: { ref: 'x' } }
    expect(dispatchable({ ...dispatch, ...properties })).toEqual({
      type: 'GITHUB',
      ...workflow,
      ref: 'x',
      workflowInputs: {},
      reportWorkflowStatus: true,
    })
  })

  it('is refused without an organization', () => {
    const { org: _, ...properties } = workflow
    expect(
      messageOf(() =>
        dispatchable({ ...dispatch, integrationActionExecutionProperties: properties }),
      ),
    ).toContain('integrationActionExecutionProperties.org: is missing')
  })

  it.each([
    ['acme/web/shop', 'acme/web/shop'],
    [42, '42'],
    ['42', '42'],
  ])('is a pipeline of GitLab, of the project %j', (project, expected) => {
    expect(dispatchable({ ...trigger, project, ref: 'main', reportPipelineStatus: null })).toEqual({
      type: 'GITLAB',
      project: expected,
      ref: 'main',
      pipelineVariables: {},
      reportPipelineStatus: true,
    })
  })

  it('is refused if the project has no group', () => {
    expect(messageOf(() => dispatchable({ ...trigger, project: 'shop', ref: 'main' }))).toContain(
      'project: found "shop", which has no group',
    )
  })
})

describe('a method that cannot be dispatched', () => {
  it.each([
    ['JENKINS', { url: 'https://x.example' }, 'Generic Webhook Trigger'],
    ['SLACK', { url: 'https://x.example' }, 'type WEBHOOK with the same url'],
    [
      'AZURE_DEVOPS',
      { org: 'acme', webhook: 'port' },
      'https://dev.azure.com/acme/_apis/public/distributedtask/webhooks/port',
    ],
    ['BITBUCKET', {}, 'Use an action of type GITHUB'],
  ])('of type %s says what to use instead', (type, fields, instead) => {
    const refused = dispatchable({ type, ...fields })
    expect(refused).toMatchObject({ type: 'REFUSED', refused: type })
    expect(refused).toHaveProperty('instead', expect.stringContaining(instead))
    expect(refused).toHaveProperty('why', expect.stringMatching(/\.$/))
  })

  it('is named by the action of the integration', () => {
    expect(
      dispatchable({ type: 'INTEGRATION_ACTION', integrationActionType: 'create_issue' }),
    ).toMatchObject({ type: 'REFUSED', refused: 'create_issue' })
  })
})
