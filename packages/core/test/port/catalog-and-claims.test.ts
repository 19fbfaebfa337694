import { type PortClient, PortError } from '@port-dispatch/core/port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fault, PortServer, refusal } from './port-server.ts'

let server: PortServer
let port: PortClient

beforeEach(async () => {
  server = await PortServer.start()
  port = server.client()
})

afterEach(() => server.close())

describe('entities', () => {
  const entity = { identifier: 'e', properties: { a: 1 } }

  it('are stored with the query that Port documents', async () => {
    server.answer = () => ({ status: 201, body: { ok: true, entity } })
    expect(await port.entities.upsert('service', entity)).toEqual(entity)
    await port.entities.upsert('service', entity, {
      upsert: false,
      merge: true,
      runId: 'r_1',
      createMissingRelatedEntities: true,
    })
    expect(server.calls).toEqual([
      'POST /v1/blueprints/service/entities?upsert=true',
      'POST /v1/blueprints/service/entities?upsert=false&merge=true&run_id=r_1&create_missing_related_entities=true',
    ])
    expect(server.requests.at(-1)?.body).toEqual(entity)
  })

  it('are found by the identifiers that Port allows: with slashes, and blueprints with a backslash', async () => {
    server.answer = () => ({ body: { ok: true, entity } })
    await port.entities.get('a\\b', 'group/project name')
    await port.entities.delete('service', 'a/b')
    expect(server.calls).toEqual([
      'GET /v1/blueprints/a%5Cb/entities/group%2Fproject%20name',
      'DELETE /v1/blueprints/service/entities/a%2Fb',
    ])
    await expect(port.entities.get('service', '..')).rejects.toThrow('entity identifier: is ".."')
    await expect(port.entities.get('a/b', 'e')).rejects.toThrow(
      'blueprint: found "a/b", with a slash',
    )
  })

  it('that exist are not explained to somebody who has them changed', async () => {
    const message = 'Entity exists already'
    server.answer = () => ({ status: 409, body: { ok: false, error: 'conflict', message } })
    const advised = { advice: expect.stringContaining('Use upsert') }
    await expect(port.entities.upsert('service', entity)).rejects.not.toMatchObject(advised)
    await expect(port.entities.upsert('service', entity, { upsert: false })).rejects.toMatchObject(
      advised,
    )
  })

  it('of a bulk are told apart: those that were stored, and those that were not, with the reason', async () => {
    server.answer = () => ({
      status: 207,
      body: {
        ok: false,
        entities: [{ identifier: 'a', index: 0, created: true }],
        errors: [
          {
            identifier: 'b',
            index: 1,
            statusCode: 422,
            error: 'invalid',
            message: 'team is unknown',
          },
          { index: 2 },
        ],
      },
    })
    expect(await port.entities.bulk('service', [{}, {}, {}], { runId: 'r_1' })).toEqual({
      stored: [{ identifier: 'a', index: 0 }],
      failed: [
        { identifier: 'b', index: 1, status: 422, message: 'team is unknown' },
        { index: 2, message: 'no reason given' },
      ],
    })
    expect(server.calls).toEqual([
      'POST /v1/blueprints/service/entities/bulk?upsert=true&run_id=r_1',
    ])
  })

  it('are deleted once, although the first response was lost', async () => {
    const answers: Fault[] = ['reset', refusal(404, 'not_found', 'Entity was not found')]
    server.fault = () => answers.shift()
    await port.entities.delete('service', 'e', { runId: 'r_1' })
    expect(server.calls).toEqual([
      'DELETE /v1/blueprints/service/entities/e?run_id=r_1',
      'DELETE /v1/blueprints/service/entities/e?run_id=r_1',
    ])
  })

  it('that do not exist are not deleted', async () => {
    server.fault = () => refusal(404, 'not_found', 'Entity was not found')
    await expect(port.entities.delete('service', 'e')).rejects.toThrow(
      'Check the identifiers of the blueprint and of the entity',
    )
    expect(server.calls).toHaveLength(1)
  })

  it('are found, with the parameters of the address', async () => {
    server.answer = () => ({ body: { ok: true, entities: [{ title: 'without identifier' }] } })
    const rules = { combinator: 'and', rules: [] }
    expect(
      await port.entities.search(rules, {
        include: ['title', 'icon'],
        exclude_calculated_properties: true,
      }),
    ).toHaveLength(1)
    expect(server.calls).toEqual([
      'POST /v1/entities/search?include=title&include=icon&exclude_calculated_properties=true',
    ])
    expect(server.requests.at(-1)?.body).toEqual(rules)
  })
})

describe('claims', () => {
  const request = { installationId: '_PORT_EXEC_AGENT', invocationMethod: 'WEBHOOK', limit: 100 }
  const payload = { type: 'WEBHOOK', url: 'https://a.example' }

  it('of runs carry the header that Port asks for, and leave what cannot be read', async () => {
    server.answer = () => ({
      body: {
        runs: [
          { id: 'r_1', status: 'IN_PROGRESS', action: { identifier: 'deploy' }, payload },
          { id: 'r_2', status: 'IN_PROGRESS' },
          'odd',
        ],
      },
    })
    expect(await port.claims.pending(request)).toEqual([
      { id: 'r_1', status: 'IN_PROGRESS', action: 'deploy', payload },
    ])
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/actions/runs/claim-pending',
      headers: { 'x-port-reserved-usage': 'true' },
      body: request,
    })
  })

  it('of node runs use the path of the organization where one is given', async () => {
    server.answer = () => ({
      body: { nodeRuns: [{ identifier: 'wfnr_1', nodeUid: 'n', status: 'X', config: payload }] },
    })
    const found = { identifier: 'wfnr_1', nodeUid: 'n', status: 'X', config: payload }
    expect(await port.claims.pendingNodeRuns(request)).toEqual([found])
    await port.claims.pendingNodeRuns(request, { orgId: 'org_1' })
    expect(server.calls).toEqual([
      'POST /v1/workflows/runs/claim-pending',
      'POST /v1/org/org_1/workflows/runs/claim-pending',
    ])
  })

  it('that are forbidden say that the credentials have to be those of an organization', async () => {
    server.fault = () => refusal(403, 'forbidden', 'Machine credentials only')
    await expect(port.claims.pending(request)).rejects.toThrow(
      'Only credentials of an organization',
    )
  })

  it.each<[string, Fault[], string]>([
    ['a success', [{ body: { ok: true } }], 'acknowledged'],
    ['a success without a body', [{ status: 204 }], 'acknowledged'],
    ['409', [refusal(409, 'conflict')], 'taken'],
    ['a count of none', [{ body: { ackedCount: 0 } }], 'taken'],
    ['a lost response, then a success', ['reset', { body: { ok: true } }], 'acknowledged'],
    ['502, then 409: ours or not', [{ status: 502 }, refusal(409, 'conflict')], 'unknown'],
    ['502, then a count of none', [{ status: 502 }, { body: { ackedCount: 0 } }], 'unknown'],
    ['a limit, then 409', [{ status: 429 }, refusal(409, 'conflict')], 'taken'],
  ])('are acknowledged: %s', async (_, answers, expected) => {
    server.fault = () => answers.shift()
    expect(await port.claims.acknowledge('r_1')).toBe(expected)
    expect(server.requests.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/v1/actions/runs/ack',
      body: { runId: 'r_1' },
    })
  })

  it('that cannot be acknowledged in time fail', async () => {
    server.fault = () => 'reset'
    const error = await port.claims.acknowledge('r_1').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PortError)
    expect(error).toMatchObject({ effect: 'unknown' })
  })

  it('are acknowledged several at once', async () => {
    server.answer = () => ({ body: { ok: true, ackedCount: 2 } })
    expect(await port.claims.acknowledgeAll(['r_1', 'r_2', 'r_3'])).toBe(2)
    expect(server.requests.at(-1)?.body).toEqual({ runIds: ['r_1', 'r_2', 'r_3'] })
  })

  it.each([
    [{ acked: true }, 'acknowledged'],
    [{ acked: false }, 'taken'],
  ])('of node runs: %j is %s', async (body, expected) => {
    server.answer = () => ({ body })
    expect(await port.claims.acknowledgeNodeRun('wfnr_1')).toBe(expected)
    expect(server.requests.at(-1)?.body).toEqual({ nodeRunIdentifier: 'wfnr_1' })
  })
})

describe('the Kafka credentials', () => {
  it.each<[string, Fault, unknown]>([
    [
      'as Port sends them',
      { body: { credentials: { brokers: ['b:9196', ' c:9196 '], username: 'u', password: 'p' } } },
      { brokers: ['b:9196', 'c:9196'], username: 'u', password: 'p' },
    ],
    ['of an organization without Kafka', { body: { ok: true, credentials: null } }, undefined],
    ['that do not exist', refusal(404, 'not_found'), undefined],
  ])('%s', async (_, answer, expected) => {
    server.fault = () => answer
    expect(await port.kafkaCredentials()).toEqual(expected)
  })
})

describe('runs', () => {
  it('that have not ended are listed', async () => {
    server.fault = () => ({ body: { ok: true, runs: [{ id: 'r_1', status: 'IN_PROGRESS' }] } })
    expect(await port.runs.list({ active: true, limit: 1000 })).toHaveLength(1)
    expect(server.calls).toEqual(['GET /v1/actions/runs?active=true&limit=1000&version=v2'])
  })

  it.each([{ json: true }, 'text', [1], null])(
    'keep what a webhook responded: %j',
    async (response) => {
      server.fault = () => ({ body: { ok: true } })
      await port.runs.saveResponse('r_1', response)
      expect(server.requests.at(-1)).toMatchObject({
        method: 'PATCH',
        path: '/v1/actions/runs/r_1/response',
        body: { response },
      })
    },
  )
})
