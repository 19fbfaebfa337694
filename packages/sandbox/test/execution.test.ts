import { PortClient, signatureHeaders } from '@port-dispatch/core/port'
import { defaultDefinition } from '@port-dispatch/sandbox'
import { expect, test } from 'vitest'
import { startCheckedSandbox } from '../../../test/contracts/checked-sandbox.ts'

const AGENT_ACTION = {
  identifier: 'restart',
  trigger: { type: 'self-service' },
  invocationMethod: { type: 'WEBHOOK', url: 'https://hooks.example.com', agent: true },
}

async function start() {
  const port = { ...defaultDefinition.port, actions: [AGENT_ACTION], runs: [], nodeRuns: [] }
  const sandbox = await startCheckedSandbox({ definition: { port } })
  const { PORT_CLIENT_ID: clientId, PORT_CLIENT_SECRET: clientSecret } = sandbox.environment
  const send = async (method: string, path: string, body: unknown, token = '') => {
    const response = await fetch(sandbox.url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
    const answer = (await response.json()) as {
      accessToken?: string
      runs?: unknown
      nodeRuns?: unknown
    }
    return { status: response.status, body: answer }
  }
  const signedIn = await send('POST', '/v1/auth/access_token', { clientId, clientSecret })
  const call = (method: string, path: string, body: unknown) =>
    send(method, path, body, signedIn.body.accessToken)
  return { sandbox, call }
}

test('a run for an agent is claimed by one, and acknowledged once', async () => {
  const { sandbox, call } = await start()
  const { id } = sandbox.createPortRun('restart')
  const claim = { installationId: '_PORT_EXEC_AGENT', limit: 10 }

  const first = await call('POST', '/v1/actions/runs/claim-pending', claim)
  const second = await call('POST', '/v1/actions/runs/claim-pending', claim)

  expect(first.body.runs).toMatchObject([{ id, payload: AGENT_ACTION.invocationMethod }])
  expect(second.body.runs).toEqual([])
  expect(await call('PATCH', '/v1/actions/runs/ack', { runId: id })).toMatchObject({ status: 200 })
  expect(await call('PATCH', '/v1/actions/runs/ack', { runId: id })).toMatchObject({ status: 409 })
  await sandbox.close()
})

test('a claimed run has its templates rendered, and Port sends the webhook of any other one, signed', async () => {
  const actions = [true, false].map((agent) => ({
    identifier: agent ? 'by_agent' : 'by_port',
    trigger: { type: 'self-service', userInputs: { properties: { name: { type: 'string' } } } },
    invocationMethod: {
      type: 'WEBHOOK',
      url: '{{ .secrets.SANDBOX_URL }}/webhooks/restart?status=200',
      agent,
      synchronized: true,
      body: { name: '{{ .inputs.name }}', run: '{{ .run.id }}' },
    },
  }))
  const sandbox = await startCheckedSandbox({
    definition: { port: { ...defaultDefinition.port, actions, runs: [] } },
  })
  const { PORT_CLIENT_ID: clientId = '', PORT_CLIENT_SECRET: clientSecret = '' } =
    sandbox.environment
  const port = new PortClient({ baseUrl: sandbox.url, clientId, clientSecret })

  const byAgent = await port.actions.run('by_agent', { properties: { name: '{{ .run.id }}' } })
  const byPort = await port.actions.run('by_port', { properties: { name: 'checkout' } })

  expect(
    await port.claims.pending({ installationId: '_PORT_EXEC_AGENT', limit: 10 }),
  ).toMatchObject([
    {
      id: byAgent.id,
      payload: {
        url: `${sandbox.url}/webhooks/restart?status=200`,
        body: { name: '{{ .run.id }}', run: byAgent.id },
      },
    },
  ])
  await expect.poll(() => sandbox.portRun(byPort.id)).toMatchObject({ status: 'SUCCESS' })
  expect(sandbox.webhooks).toMatchObject([{ verification: { valid: true } }])
  expect(JSON.parse(sandbox.webhooks[0]?.body ?? '')).toEqual({ name: 'checkout', run: byPort.id })
  await sandbox.close()
})

test('a run keeps what a synchronized webhook responded', async () => {
  const { sandbox, call } = await start()
  const { id } = sandbox.createPortRun('restart')

  await call('PATCH', `/v1/actions/runs/${id}/response`, { response: { ok: true } })

  expect(sandbox.portRun(id)?.response).toEqual({ ok: true })
  await sandbox.close()
})

test('the receiver shows what webhooks arrived, and whether their signature is valid', async () => {
  const { sandbox } = await start()
  const body = '{"a":"<b>"}'
  const secret = sandbox.environment.PORT_CLIENT_SECRET ?? ''
  const timestamp = Math.floor(Date.now() / 1000)

  await fetch(`${sandbox.url}/webhooks/good`, {
    method: 'POST',
    body,
    headers: signatureHeaders({ secret, timestamp, body }),
  })
  const refused = await fetch(`${sandbox.url}/webhooks/bad?status=500`, { method: 'POST', body })

  expect(refused.status).toBe(500)
  expect(sandbox.webhooks.map(({ verification }) => verification.valid)).toEqual([true, false])
  const page = await (await fetch(`${sandbox.url}/webhooks`)).text()
  expect(page).toContain('The signature is valid (raw).')
  expect(page).toContain('The header x-port-signature is missing.')
  expect(page).toContain('&lt;b&gt;')
  await sandbox.close()
})

test('a node run is claimed by whom it is for, and acknowledged once', async () => {
  const { sandbox, call } = await start()
  const config = {
    type: 'INTEGRATION_ACTION',
    installationId: 'my-github',
    of: '{{ .workflowNodeRun.identifier }}',
  }
  const { identifier } = sandbox.createNodeRun({ node: 'deploy', config })
  const claim = async (installationId: string, path = '/v1/workflows') =>
    (await call('POST', `${path}/runs/claim-pending`, { installationId, limit: 10 })).body.nodeRuns
  const acknowledge = () =>
    call('PATCH', '/v1/org/org_acme/workflows/runs/ack', { nodeRunIdentifier: identifier })

  expect(await acknowledge()).toMatchObject({ status: 409 })
  expect(await claim('_PORT_EXEC_AGENT')).toEqual([])
  expect(await claim('my-github', '/v1/org/org_acme/workflows')).toEqual([
    { identifier, nodeUid: 'deploy', status: 'IN_PROGRESS', config: { ...config, of: identifier } },
  ])
  expect(await claim('my-github')).toEqual([])
  expect(await acknowledge()).toMatchObject({ status: 200 })
  expect(await acknowledge()).toMatchObject({ status: 409 })
  await sandbox.close()
})
