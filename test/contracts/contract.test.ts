import { type Exchange, startSandbox } from '@port-dispatch/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCheckedSandbox } from './checked-sandbox.ts'
import { checkExchange } from './contract.ts'

const exchanges: Exchange[] = []

/** A good exchange of each kind, recorded from the sandbox, to be spoilt in the tests. */
beforeAll(async () => {
  const sandbox = await startSandbox({ onExchange: (exchange) => exchanges.push(exchange) })
  const { environment } = sandbox
  const send = async (
    url: string,
    headers: Record<string, string>,
    body?: unknown,
    method = 'POST',
  ) => {
    const sent = body === undefined ? { method: 'GET' } : { method, body: JSON.stringify(body) }
    const response = await fetch(url, {
      ...sent,
      headers: { 'content-type': 'application/json', ...headers },
    })
    return JSON.parse(await response.text())
  }
  const { accessToken } = await send(
    `${sandbox.url}/v1/auth/access_token`,
    {},
    {
      clientId: environment.PORT_CLIENT_ID,
      clientSecret: environment.PORT_CLIENT_SECRET,
    },
  )
  const run = `${sandbox.url}/v1/actions/runs/r_DeployService001`
  await send(run, { authorization: `Bearer ${accessToken}` }, { statusLabel: 'Started' }, 'PATCH')
  const github = { authorization: `Bearer ${environment.GITHUB_TOKEN}` }
  const runs = `${environment.GITHUB_API_URL}/repos/acme/services/actions/runs?event=workflow_dispatch`
  await send(runs, github)
  const pipelines = `${sandbox.url}/api/v4/projects/4471/pipelines?ref=main`
  await send(pipelines, { 'private-token': environment.GITLAB_TOKEN ?? '' })
  await sandbox.close()
})

function recorded(service: Exchange['service']): Exchange {
  const found = exchanges.findLast((exchange) => exchange.service === service)
  if (!found) throw new Error(`No exchange with ${service} was recorded`)
  return found
}

test('what the sandbox answers fits', () => {
  expect(exchanges.flatMap(checkExchange)).toEqual([])
  expect(new Set(exchanges.map(({ service }) => service))).toEqual(
    new Set(['port', 'github', 'gitlab']),
  )
})

describe('violations are found in', () => {
  const spoilt: [string, () => Exchange, string][] = [
    ['the operation', () => ({ ...recorded('port'), method: 'PUT' }), 'is not an operation'],
    [
      'the path',
      () => ({ ...recorded('github'), path: '/api/v3/repos/acme/services/nope' }),
      'is not an operation',
    ],
    [
      'the query',
      () => ({ ...recorded('github'), query: { evnt: 'push' } }),
      'query parameter evnt is not described',
    ],
    [
      'a query value',
      () => ({ ...recorded('github'), query: { per_page: 'many' } }),
      'query parameter per_page',
    ],
    [
      'a GitLab query value',
      () => ({ ...recorded('gitlab'), query: { order_by: 'name' } }),
      'query parameter order_by',
    ],
    [
      'the request body',
      () => ({ ...recorded('port'), requestBody: { state: 'x' } }),
      'request body: value must NOT have additional',
    ],
    ['a body nobody asked for', () => ({ ...recorded('gitlab'), requestText: 'x' }), 'has a body'],
    ['the status', () => ({ ...recorded('gitlab'), status: 206 }), 'the status is not described'],
    [
      'the answer',
      () => ({ ...recorded('github'), responseBody: { total_count: '1' } }),
      'answer:',
    ],
    [
      'a header of the answer',
      () => ({ ...recorded('gitlab'), responseHeaders: { 'content-type': 'application/json' } }),
      'the header x-total is missing',
    ],
    [
      'the type of the answer',
      () => ({ ...recorded('port'), responseHeaders: { 'content-type': 'text/html' } }),
      'the answer is text/html',
    ],
    [
      'an error of Port',
      () => ({ ...recorded('port'), status: 404, responseBody: { message: 'no' } }),
      'answer:',
    ],
    [
      'an error of GitHub',
      () => ({ ...recorded('github'), status: 422, responseBody: {} }),
      'error: has no message',
    ],
    [
      'an error of GitLab',
      () => ({ ...recorded('gitlab'), status: 404, responseBody: { detail: 'no' } }),
      'answer:',
    ],
  ]
  test.each(spoilt)('%s', (_, exchange, violation) => {
    expect(checkExchange(exchange()).join('\n')).toContain(violation)
  })

  test('no request that was refused', () => {
    const refused = { ok: false, error: 'invalid_request', message: 'no' }
    const exchange = {
      ...recorded('port'),
      status: 422,
      requestBody: { state: 'x' },
      responseBody: refused,
    }
    expect(checkExchange(exchange)).toEqual([])
  })
})

describe('a checked sandbox', () => {
  let url: string
  let close: () => Promise<void>
  beforeAll(async () => {
    const sandbox = await startCheckedSandbox()
    url = sandbox.url
    close = () => sandbox.close()
  })
  afterAll(() => fetch(url).catch(() => undefined))

  test('fails at its end for what did not fit', async () => {
    await fetch(`${url}/v1/blueprints`)
    await expect(close()).rejects.toThrow('GET /v1/blueprints -> 404: is not an operation')
  })
})
