import type { JsonObject } from '@port-dispatch/core'
import { describe, expect, it } from 'vitest'
import { type MessageRouterOptions, messageRouter } from '../../src/routes/router.ts'
import { type MessageOptions, work } from '../support/work.ts'

async function route(options: MessageOptions, settings?: MessageRouterOptions) {
  return await messageRouter(settings).route(work(options))
}

async function methodOf(options: MessageOptions, settings?: MessageRouterOptions) {
  const routed = await route(options, settings)
  if (routed.type === 'refused') throw new Error(routed.message)
  return routed.method as unknown as JsonObject
}

describe('a run without a mapping', () => {
  it('is sent to the URL of its webhook with the message as body, without its signature', async () => {
    const invocationMethod = {
      type: 'WEBHOOK',
      agent: true,
      url: 'https://target.test/hook',
      synchronized: true,
      method: 'PUT',
      headers: { authorization: 'Bearer x' },
      body: { own: true },
    }
    const method = await methodOf({ invocationMethod, body: { own: true }, headers: { a: 'b' } })
    expect(method).toMatchObject({ type: 'WEBHOOK', method: 'PUT', synchronized: true })
    expect(method.headers).toEqual({})
    expect(method.body).toEqual({
      ...work({ invocationMethod, body: { own: true } }).message,
      headers: { a: 'b' },
    })
  })

  it.each(['JENKINS', 'SLACK', 'SOMETHING_NEW'])('of type %s is sent to its URL', async (type) => {
    const invocationMethod = { type, agent: true, url: 'https://target.test/hook' }
    const method = await methodOf({ invocationMethod })
    expect(method).toMatchObject({ type: 'WEBHOOK', url: 'https://target.test/hook' })
  })

  it('starts a GitLab pipeline with its inputs as variables and the message as payload', async () => {
    const invocationMethod = {
      type: 'GITLAB',
      agent: true,
      projectName: 'web',
      groupName: 'acme/apps',
      defaultRef: 'trunk',
    }
    const properties = { version: '1.2', replicas: 3, labels: ['a'], nothing: null }
    const method = await methodOf({ invocationMethod, properties })
    expect(method).toMatchObject({ defaultRef: 'trunk', pipelineVariables: properties })
    const { headers: _, ...message } = work({ invocationMethod, properties }).message
    expect(method.triggerPayload).toEqual({ port_payload: message })
  })

  it('starts a GitLab pipeline without inputs and payload where its action omits them', async () => {
    const invocationMethod = {
      type: 'GITLAB',
      projectName: 'web',
      groupName: 'acme',
      omitUserInputs: true,
      omitPayload: true,
      pipelineVariables: { OWN: 'x' },
    }
    const method = await methodOf({ invocationMethod, properties: { version: '1.2' } })
    expect(method.pipelineVariables).toEqual({ OWN: 'x' })
    expect(method.triggerPayload).toEqual({ port_payload: {} })
  })

  it('starts the workflow of its message, in which braces are text', async () => {
    const invocationMethod = {
      type: 'GITHUB',
      org: 'acme',
      repo: 'web',
      workflow: 'deploy.yml',
      workflowInputs: { note: '{{ .secrets.TOKEN }}' },
    }
    expect(await methodOf({ invocationMethod })).toMatchObject(invocationMethod)
  })

  it('starts a workflow in the organization of the settings where the message names none', async () => {
    const properties = { repo: 'web', workflow: 'deploy.yml', workflowInputs: {} }
    const under = {
      type: 'INTEGRATION_ACTION',
      integrationActionType: 'dispatch_workflow',
      integrationActionExecutionProperties: properties,
    }
    const beside = {
      type: 'INTEGRATION_ACTION',
      integrationActionType: 'dispatch_workflow',
      ...properties,
    }
    const settings = { githubOrg: 'acme' }
    expect(await methodOf({ invocationMethod: under }, settings)).toMatchObject({
      integrationActionExecutionProperties: { org: 'acme' },
    })
    expect(await methodOf({ invocationMethod: beside }, settings)).toMatchObject({ org: 'acme' })
    const other = { ...under, integrationActionExecutionProperties: { ...properties, org: 'beta' } }
    expect(await methodOf({ invocationMethod: other }, settings)).toEqual(other)
  })

  it('is refused if it lacks what its type needs', async () => {
    const routed = await route({ invocationMethod: { type: 'GITHUB', org: 'acme' } })
    expect(routed).toMatchObject({ type: 'refused' })
    expect(routed.type === 'refused' && routed.message).toContain('repo: is missing')
  })
})
