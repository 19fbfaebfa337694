import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultDefinition, type Sandbox, startSandbox } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startAgent } from './start-agent.ts'

/** Actions of every kind that an agent can claim. */
function actionsFor(target: string) {
  const trigger = { type: 'self-service', userInputs: { properties: {} } }
  const webhook = { type: 'WEBHOOK', agent: true, url: target, body: { run: '{{ .run.id }}' } }
  const [, deploy, provision] = defaultDefinition.port.actions ?? []
  return [
    { identifier: 'async', trigger, invocationMethod: webhook },
    {
      identifier: 'sync',
      trigger,
      invocationMethod: { ...webhook, url: `${target}/ok`, synchronized: true },
    },
    {
      identifier: 'refusing',
      trigger,
      invocationMethod: { ...webhook, url: `${target}/refuse` },
    },
    {
      identifier: 'deploy',
      trigger,
      invocationMethod: { ...deploy?.invocationMethod, agent: true },
    },
    {
      identifier: 'provision',
      trigger,
      invocationMethod: { ...provision?.invocationMethod, agent: true },
    },
  ]
}

describe('an agent that claims its runs', () => {
  let sandbox: Sandbox
  let target: ReturnType<typeof createServer>
  const received: string[] = []

  beforeEach(async () => {
    received.length = 0
    target = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString())
        received.push(body.run ?? body.context.runId)
        if (request.url === '/refuse') return response.writeHead(403).end('not you')
        return response.writeHead(200).end('{"done":true}')
      })
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const { port } = target.address() as AddressInfo
    const actions = actionsFor(`http://127.0.0.1:${port}`)
    sandbox = await startSandbox({
      definition: {
        ...defaultDefinition,
        port: { ...defaultDefinition.port, actions, runs: [], nodeRuns: [] },
      },
      speed: 100,
    })
  })

  afterEach(async () => {
    target.closeAllConnections()
    target.close()
    await sandbox.close()
  })

  it('calls an asynchronous webhook once, and leaves the run to its receiver', async () => {
    const { id } = sandbox.createPortRun('async')
    const agent = startAgent(sandbox)
    await expect.poll(() => sandbox.portRun(id)?.statusLabel).toBe('Sent to the receiver')
    await agent.stop()
    expect(received).toEqual([id])
    expect(sandbox.portRun(id)).toMatchObject({ status: 'IN_PROGRESS' })
    const claims = sandbox.exchanges.filter(({ path }) => path.endsWith('/ack'))
    expect(claims).toHaveLength(1)
  })

  it.each([
    ['sync', { status: 'SUCCESS', statusLabel: '200 OK', response: { done: true } }],
    ['refusing', { status: 'FAILURE', statusLabel: '403 Forbidden' }],
  ])('ends a run (%s) with what the webhook responded', async (action, end) => {
    const { id } = sandbox.createPortRun(action)
    const agent = startAgent(sandbox)
    await expect.poll(() => sandbox.portRun(id)).toMatchObject(end)
    await agent.stop()
  })

  it.each(['deploy', 'provision'])('follows a run (%s) to its end', async (action) => {
    const { id } = sandbox.createPortRun(action, {
      properties: { environment: 'staging', version: '1', name: 'orders' },
    })
    const agent = startAgent(sandbox)
    await expect
      .poll(() => sandbox.portRun(id))
      .toMatchObject({ status: 'SUCCESS', externalRunId: expect.stringMatching(/^g[hl]_/) })
    await agent.stop()
  })

  it('follows on what an agent followed that has ended', async () => {
    const { id } = sandbox.createPortRun('provision', {
      properties: { environment: 'staging', name: 'orders' },
    })
    const first = startAgent(sandbox)
    await expect.poll(() => sandbox.portRun(id)?.externalRunId).toBeDefined()
    await first.stop()
    expect(sandbox.portRun(id)?.status).toBe('IN_PROGRESS')
    const second = startAgent(sandbox)
    await expect.poll(() => sandbox.portRun(id)?.status).toBe('SUCCESS')
    await second.stop()
    expect(sandbox.gitlabPipelines('acme/platform/provisioning')).toHaveLength(1)
  })

  it('executes two hundred runs once each, with two agents', async () => {
    const ids = Array.from({ length: 200 }, () => sandbox.createPortRun('sync').id)
    const agents = [startAgent(sandbox), startAgent(sandbox)]
    await expect
      .poll(() => sandbox.portRuns().filter(({ status }) => status === 'SUCCESS').length)
      .toBe(200)
    await Promise.all(agents.map((agent) => agent.stop()))
    expect(received.toSorted()).toEqual(ids.toSorted())
  })

  it('calls no webhook after a stop, and gives the run back', async () => {
    const { port } = target.address() as AddressInfo
    await new Promise<void>((resolve) => target.close(() => resolve()))
    const { id } = sandbox.createPortRun('sync')
    const agent = startAgent(sandbox, { grace: 30_000 })
    await expect.poll(() => sandbox.portRun(id)?.statusLabel).toBe('Calling the webhook')
    const stopped = agent.stop()
    await new Promise<void>((resolve) => target.listen(port, '127.0.0.1', resolve))
    await stopped
    expect(received).toEqual([])
    expect(sandbox.portRun(id)).toMatchObject({
      status: 'IN_PROGRESS',
      statusLabel: 'Waiting for an agent',
    })
  })

  it('waits after a stop for the response of a webhook that it has called', async () => {
    const { id } = sandbox.createPortRun('sync')
    // Longer than a command waits.
    target.prependListener('request', (request) => request.pause())
    let isCalled = false
    target.prependListener('request', (request) => {
      isCalled = true
      setTimeout(() => request.resume(), 4_000)
    })
    const agent = startAgent(sandbox, { grace: 60_000 })
    await expect.poll(() => isCalled).toBe(true)
    await agent.stop()
    expect(sandbox.portRun(id)).toMatchObject({ status: 'SUCCESS', statusLabel: '200 OK' })
  })

  it('says that nobody knows whether a webhook arrived, also where a claim is shorter than a call', async () => {
    const { id } = sandbox.createPortRun('sync')
    Object.assign(sandbox.portRun(id) ?? {}, { statusLabel: 'Calling the webhook' })
    const agent = startAgent(sandbox, { visibilityTimeout: 300, callWithin: 1_500 })
    await expect
      .poll(() => sandbox.portRun(id))
      .toMatchObject({
        status: 'FAILURE',
        statusLabel: 'Unknown whether it started',
      })
    await agent.stop()
    expect(received).toEqual([])
  })

  it('does not hurry for what Port hands out again although it is claimed', async () => {
    const { id } = sandbox.createPortRun('async')
    let claims = 0
    const port = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray().catch(() => []))
      const isClaim = request.url === '/v1/actions/runs/claim-pending'
      if (isClaim) claims++
      const asked = await ask(sandbox.url + request.url, request, body).catch(() => undefined)
      // The sandbox is gone when the test is over.
      if (!asked) return void response.destroy()
      const { status, headers, text } = asked
      const { host } = request.headers
      const run = {
        id,
        status: 'IN_PROGRESS',
        payload: { type: 'WEBHOOK', url: `http://${host}/nowhere`, agent: true },
      }
      response.writeHead(status, headers)
      response.end(
        isClaim ? JSON.stringify({ ok: true, runs: [run, { ...run, id: '../x' }] }) : text,
      )
    })
    await new Promise<void>((resolve) => port.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(port.address() as AddressInfo).port}`
    const agent = startAgent(sandbox, { baseUrl: url, interval: 400 })
    const begin = performance.now()
    await expect.poll(() => claims).toBeGreaterThan(4)
    const pauses = claims - 2
    expect(performance.now() - begin).toBeGreaterThan(pauses * 390)
    await agent.stop()
    expect(agent.settled).toHaveLength(1)
    port.closeAllConnections()
    port.close()
  })

  describe('of nodes of workflows', () => {
    function of(path: string, more: Record<string, unknown> = {}): string {
      const { port } = target.address() as AddressInfo
      const url = `http://127.0.0.1:${port}${path}`
      const config = { type: 'WEBHOOK', agent: true, url, ...more }
      return sandbox.createNodeRun({ node: 'restart', config }).identifier
    }

    it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
      ['/ok', { synchronized: true }, { status: 'COMPLETED', result: 'SUCCESS' }],
      // As Port has it for nodes: a webhook is synchronized unless it says otherwise.
      ['/ok', {}, { status: 'COMPLETED', result: 'SUCCESS' }],
      ['/refuse', { synchronized: true }, { status: 'COMPLETED', result: 'FAILED' }],
      ['/refuse', { synchronized: false }, { status: 'COMPLETED', result: 'FAILED' }],
    ])('calls %s once (%o) and ends the node run', async (path, more, end) => {
      const id = of(path, more)
      const agent = startAgent(sandbox, { nodeRuns: 'claim' })
      await expect.poll(() => sandbox.nodeRun(id)).toMatchObject(end)
      await agent.stop()
      expect(received).toEqual([id])
      expect(sandbox.exchanges.filter(({ path }) => path.endsWith('/ack'))).toHaveLength(1)
    })

    it('gives later nodes what a webhook responded', async () => {
      const id = of('/ok')
      const agent = startAgent(sandbox, { nodeRuns: 'claim' })
      await expect.poll(() => sandbox.nodeRun(id)?.status).toBe('COMPLETED')
      await agent.stop()
      expect(sandbox.nodeRun(id)?.output).toEqual({
        response: { status: 200, data: { done: true } },
      })
    })

    it('leaves the node run of an asynchronous webhook to its receiver', async () => {
      const id = of('/ok', { synchronized: false })
      const agent = startAgent(sandbox, { nodeRuns: 'claim' })
      await expect.poll(() => agent.settled.length).toBe(1)
      await agent.stop()
      expect(received).toEqual([id])
      expect(sandbox.nodeRun(id)).toMatchObject({ status: 'IN_PROGRESS' })
      // An agent that claims it again finds that it was sent.
      const again = startAgent(sandbox, { nodeRuns: 'claim' })
      await again.stop()
      expect(received).toEqual([id])
    })
  })
  describe('as an integration', () => {
    const workflow = {
      integrationActionExecutionProperties: {
        org: 'acme',
        repo: 'services',
        workflow: 'deploy.yml',
        workflowInputs: { service: 'checkout', environment: 'staging', version: '1.4.0' },
      },
    }
    const pipeline = {
      integrationActionExecutionProperties: {
        project: 'acme/platform/provisioning',
        ref: 'main',
        pipelineVariables: { NAME: 'orders', ENVIRONMENT: 'staging' },
      },
    }
    const kinds: [string, Record<string, unknown>][] = [
      ['dispatch_workflow', workflow],
      ['trigger_pipeline', pipeline],
    ]

    it.each(kinds)('takes the runs of its own actions (%s), and no others', async (type, more) => {
      const method = (installationId: string) => ({
        type: 'INTEGRATION_ACTION',
        integrationActionType: type,
        installationId,
        ...more,
      })
      const trigger = { type: 'self-service', userInputs: { properties: {} } }
      const actions = ['ours', 'theirs'].map((identifier) => ({
        identifier,
        trigger,
        invocationMethod: method(identifier),
      }))
      await sandbox.close()
      sandbox = await startSandbox({
        definition: {
          ...defaultDefinition,
          port: { ...defaultDefinition.port, actions, runs: [], nodeRuns: [] },
        },
        speed: 100,
      })
      const [ours = '', theirs = ''] = actions.map(
        ({ identifier }) => sandbox.createPortRun(identifier).id,
      )
      const agent = startAgent(sandbox, { installationId: 'ours' })
      await expect
        .poll(() => sandbox.portRun(ours))
        .toMatchObject({ status: 'SUCCESS', externalRunId: expect.stringMatching(/^g[hl]_/) })
      await agent.stop()
      expect(sandbox.portRun(theirs)?.statusLabel).toBeUndefined()
    })

    it.each(kinds)('takes the node runs of workflows for it (%s)', async (type, more) => {
      const { identifier } = sandbox.createNodeRun({
        config: {
          type: 'INTEGRATION_ACTION',
          integrationProvider: 'any',
          integrationInvocationType: type,
          installationId: 'ours',
          ...more,
        },
      })
      const agent = startAgent(sandbox, { installationId: 'ours', nodeRuns: 'claim' })
      await expect
        .poll(() => sandbox.nodeRun(identifier))
        .toMatchObject({
          status: 'COMPLETED',
          result: 'SUCCESS',
          externalRunId: expect.stringMatching(/^g[hl]_/),
        })
      await agent.stop()
    })
  })
})

/** Passes a request on, and its response back. */
async function ask(url: string, { method = 'GET', headers }: IncomingMessage, body: Buffer) {
  const { authorization = '' } = headers
  const response = await fetch(url, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body.length > 0 && { body }),
  })
  const type = { 'content-type': 'application/json' }
  return { status: response.status, headers: type, text: await response.text() }
}
