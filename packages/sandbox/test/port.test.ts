import { defaultDefinition } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Started, start } from './start.ts'

const RUN = '/actions/runs/r_DeployService001'
let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

describe('access tokens', () => {
  test.each([
    ['sandbox-port-client-id', 'guessed'],
    ['guessed', defaultDefinition.port.credentials[0]?.clientSecret],
  ])(
    'wrong credentials are refused in the form of a Port error',
    async (clientId, clientSecret) => {
      const { send, sandbox } = started
      const { status, body } = await send('POST', `${sandbox.url}/v1/auth/access_token`, {
        json: { clientId, clientSecret },
      })
      expect(status).toBe(401)
      expect(body).toMatchObject({ ok: false, error: 'invalid_credentials' })
    },
  )

  test('a token is good for as long as the answer says, and no longer', async () => {
    const { logIn, port, wait } = started
    const { body } = await logIn()
    await port('GET', RUN)
    wait(body.expiresIn - 1)
    expect((await port('GET', RUN)).status).toBe(200)
    wait(1)
    expect((await port('GET', RUN)).status).toBe(401)
  })

  test('the lifetime can be configured', async () => {
    const port = { ...defaultDefinition.port, tokenLifetime: 60 }
    const short = await start({ definition: { port } })
    expect((await short.logIn()).body.expiresIn).toBe(60)
    await short.sandbox.close()
  })

  test('tokens can be revoked, as when credentials are rotated', async () => {
    const { port, sandbox } = started
    expect((await port('GET', RUN)).status).toBe(200)
    sandbox.revokePortTokens()
    expect((await port('GET', RUN)).status).toBe(401)
  })

  test('requests without a token are refused', async () => {
    const { send, sandbox } = started
    expect((await send('GET', `${sandbox.url}/v1${RUN}`)).status).toBe(401)
  })
})

describe('runs', () => {
  test('a label without a status leaves the run in progress', async () => {
    const { body } = await started.port('PATCH', RUN, { statusLabel: 'Applying' })
    expect(body.run).toMatchObject({ status: 'IN_PROGRESS', statusLabel: 'Applying' })
    expect(body.run).not.toHaveProperty('endedAt')
  })

  test('each change replaces what it names and nothing else', async () => {
    const { port, sandbox } = started
    await port('PATCH', RUN, { link: ['https://one.example', 'https://two.example'], summary: 'a' })
    await port('PATCH', RUN, { link: 'https://three.example' })
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({
      link: 'https://three.example',
      summary: 'a',
    })
  })

  test.each([
    [{ state: 'SUCCESS' }, "body must NOT have additional properties ('state')"],
    [{ status: 'DONE' }, 'body/status must be equal to one of the allowed values'],
    [{ statusLabel: 7 }, 'body/statusLabel must be string'],
    [{ link: [1] }, 'body/link must be string or array of strings'],
  ])('a change of %j is refused', async (change, message) => {
    const { status, body } = await started.port('PATCH', RUN, change)
    expect(status).toBe(422)
    expect(body.message).toContain(message)
  })

  test('a status is final: later changes and logs are refused', async () => {
    const { port, sandbox } = started
    await port('PATCH', RUN, { status: 'FAILURE', statusLabel: 'Failed' })
    expect((await port('PATCH', RUN, { statusLabel: 'Late' })).status).toBe(422)
    expect((await port('POST', `${RUN}/logs`, { message: 'late' })).status).toBe(422)
    expect(sandbox.portRun('r_DeployService001')).toMatchObject({
      status: 'FAILURE',
      statusLabel: 'Failed',
      logs: [],
    })
  })

  test('one call carries the last log line and the final status', async () => {
    const { port } = started
    const last = { message: 'Deployed', terminationStatus: 'SUCCESS', statusLabel: 'Deployed' }
    expect((await port('POST', `${RUN}/logs`, last)).status).toBe(201)
    expect((await port('GET', RUN)).body.run).toMatchObject({
      status: 'SUCCESS',
      statusLabel: 'Deployed',
    })
    const { body } = await port('GET', `${RUN}/logs?limit=50`)
    expect(body.runLogs).toEqual([expect.objectContaining({ message: 'Deployed' })])
  })

  test('an unknown run is not found', async () => {
    const { status, body } = await started.port('PATCH', '/actions/runs/r_nowhere', {})
    expect(status).toBe(404)
    expect(body).toMatchObject({ ok: false, error: 'not_found' })
  })

  test('a run is found by its external run id', async () => {
    const { port } = started
    await port('PATCH', RUN, { externalRunId: 'gh_90211_710045_1' })
    const found = await port('GET', '/actions/runs?external_run_id=gh_90211_710045_1&version=v2')
    expect(found.body.runs.map(({ id }: { id: string }) => id)).toEqual(['r_DeployService001'])
    const none = await port('GET', '/actions/runs?external_run_id=gh_0_0_0&version=v2')
    expect(none.body.runs).toEqual([])
  })

  test('a body over 1 MiB is too large', async () => {
    const { status } = await started.port('POST', `${RUN}/logs`, { message: 'x'.repeat(1 << 20) })
    expect(status).toBe(413)
  })
})

describe('starting an action', () => {
  const path = '/actions/scaffold_service/runs?run_as=ada@example.com'

  test('makes a run in progress for the person it is run as', async () => {
    const properties = { service_name: 'cart', language: 'go' }
    const { status, body } = await started.port('POST', path, { properties })
    expect(status).toBe(202)
    expect(body.run).toMatchObject({
      status: 'IN_PROGRESS',
      createdBy: 'ada@example.com',
      properties,
      action: { identifier: 'scaffold_service' },
    })
    expect(started.sandbox.portRun(body.run.id)?.properties).toEqual(properties)
  })

  test.each([
    [{ service_name: 'cart' }, "required property 'language'"],
    [{ service_name: 'cart', language: 'cobol' }, 'properties/language must be equal to one of'],
    [{ service_name: 1, language: 'go' }, 'properties/service_name must be string'],
    [{ service_name: 'cart', language: 'go', size: 1 }, "additional properties ('size')"],
  ])('user inputs %j are refused', async (properties, message) => {
    const { status, body } = await started.port('POST', path, { properties })
    expect(status).toBe(422)
    expect(body.message).toContain(message)
  })

  test('an unknown action is not found', async () => {
    const { status } = await started.port('POST', '/actions/nope/runs', { properties: {} })
    expect(status).toBe(404)
  })
})

describe('actions', () => {
  const action = {
    identifier: 'rotate_secret',
    trigger: {
      type: 'self-service',
      operation: 'DAY-2',
      userInputs: { properties: {}, required: [] },
    },
    invocationMethod: { type: 'WEBHOOK', url: 'https://example.com' },
  }

  test('are created, read, replaced and deleted', async () => {
    const { port } = started
    expect((await port('PUT', '/actions/rotate_secret', action)).status).toBe(404)
    expect((await port('POST', '/actions', action)).status).toBe(201)
    expect((await port('POST', '/actions', action)).status).toBe(422)
    await port('PUT', '/actions/rotate_secret', { ...action, title: 'Rotate' })
    expect((await port('GET', '/actions/rotate_secret')).body.action).toEqual({
      ...action,
      title: 'Rotate',
    })
    expect((await port('DELETE', '/actions/rotate_secret')).status).toBe(200)
    expect((await port('GET', '/actions/rotate_secret')).status).toBe(404)
  })

  test('those that are served from the start are ones that Port would take', async () => {
    for (const served of defaultDefinition.port.actions ?? [])
      expect((await started.port('PUT', `/actions/${served.identifier}`, served)).status).toBe(200)
  })
})
