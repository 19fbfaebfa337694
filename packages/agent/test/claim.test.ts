import { createServer } from 'node:http'
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
        received.push(JSON.parse(Buffer.concat(chunks).toString()).run)
        if (request.url === '/refuse') return response.writeHead(403).end('not you')
        return response.writeHead(200).end('{"done":true}')
      })
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const { port } = target.address() as AddressInfo
    const actions = actionsFor(`http://127.0.0.1:${port}`)
    sandbox = await startSandbox({
      definition: { ...defaultDefinition, port: { ...defaultDefinition.port, actions, runs: [] } },
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
    await expect.poll(() => sandbox.portRun(id), { timeout: 100_000 }).toMatchObject(end)
    await agent.stop()
  })

  it.each(['deploy', 'provision'])('follows a run (%s) to its end', async (action) => {
    const { id } = sandbox.createPortRun(action, {
      properties: { environment: 'staging', version: '1', name: 'orders' },
    })
    const agent = startAgent(sandbox)
    await expect
      .poll(() => sandbox.portRun(id), { timeout: 30_000 })
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
    await expect.poll(() => sandbox.portRun(id)?.status, { timeout: 30_000 }).toBe('SUCCESS')
    await second.stop()
    expect(sandbox.gitlabPipelines('acme/platform/provisioning')).toHaveLength(1)
  })

  it('executes two hundred runs once each, with two agents', async () => {
    const ids = Array.from({ length: 200 }, () => sandbox.createPortRun('sync').id)
    const agents = [startAgent(sandbox), startAgent(sandbox)]
    await expect
      .poll(() => sandbox.portRuns().filter(({ status }) => status === 'SUCCESS').length, {
        timeout: 60_000,
      })
      .toBe(200)
    await Promise.all(agents.map((agent) => agent.stop()))
    expect(received.toSorted()).toEqual(ids.toSorted())
  })
})
