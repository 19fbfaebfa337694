import { formatError, InputError, systemClock } from '@port-dispatch/core'
import { type PortClient, PortError } from '@port-dispatch/core/port'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Fault, PortServer, refusal } from './port-server.ts'

const RUN = 'r_1'

let server: PortServer
let port: PortClient

beforeEach(async () => {
  server = await PortServer.start()
  server.addRun(RUN)
  port = server.client()
})

afterEach(() => server.close())

/** How an error reads in a face that calls settings by their names in angle brackets. */
async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof PortError || error instanceof InputError) {
      return formatError(error, (name) => `<${name}>`)
    }
    throw error
  }
  return 'nothing was thrown'
}

async function errorOf(work: Promise<unknown>): Promise<PortError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown) => thrown,
  )
  if (error instanceof PortError) return error
  throw new Error('no PortError was thrown')
}

/** Every call of the client, with what Port answers. */
const CALLS: [string, (client: PortClient) => Promise<unknown>, Answer][] = [
  [
    'read an action',
    (p) => p.actions.get('a'),
    { body: { ok: true, action: { identifier: 'a' } } },
  ],
  ['read a run', (p) => p.runs.get(RUN), { body: { ok: true, run: { id: RUN, status: 'X' } } }],
  ['find runs', (p) => p.runs.find('gh_1'), { body: { ok: true, runs: [] } }],
  [
    'update a run',
    (p) => p.runs.update(RUN, { summary: 's' }),
    { body: { ok: true, run: { id: RUN, status: 'X' } } },
  ],
  [
    'end a run',
    (p) => p.runs.addLog(RUN, { message: 'm', terminationStatus: 'SUCCESS' }),
    { status: 201, body: { ok: true } },
  ],
  ['store a response', (p) => p.runs.saveResponse(RUN, { a: 1 }), { body: { ok: true } }],
  ['read the log', (p) => p.runs.logs(RUN), { body: { ok: true, runLogs: [{ message: 'm' }] } }],
  [
    'read a node run',
    (p) => p.nodeRuns.get('wfnr_1'),
    { body: { ok: true, nodeRun: { identifier: 'wfnr_1', status: 'X' } } },
  ],
  ['find node runs', (p) => p.nodeRuns.find('gh_1'), { body: { ok: true, nodeRuns: [] } }],
  ['update a node run', (p) => p.nodeRuns.update('wfnr_1', { links: [] }), { body: { ok: true } }],
  ['add to the log of a node run', (p) => p.nodeRuns.addLogs('wfnr_1', []), { body: { ok: true } }],
  [
    'store an entity',
    (p) => p.entities.upsert('service', { identifier: 'e' }),
    { body: { ok: true, entity: { identifier: 'e' } } },
  ],
  [
    'store entities',
    (p) => p.entities.bulk('service', [{ identifier: 'e' }]),
    { status: 207, body: { ok: true, entities: [], errors: [] } },
  ],
  [
    'read an entity',
    (p) => p.entities.get('service', 'e'),
    { body: { ok: true, entity: { identifier: 'e' } } },
  ],
  ['delete an entity', (p) => p.entities.delete('service', 'e'), { body: { ok: true } }],
  ['search entities', (p) => p.entities.search({}), { body: { ok: true, entities: [] } }],
  [
    'claim runs',
    (p) => p.claims.pending({ installationId: 'i', limit: 1 }),
    { body: { ok: true, runs: [] } },
  ],
  ['acknowledge a run', (p) => p.claims.acknowledge(RUN), { body: { ok: true } }],
  [
    'claim node runs',
    (p) => p.claims.pendingNodeRuns({ installationId: 'i', limit: 1 }),
    { body: { nodeRuns: [] } },
  ],
  [
    'acknowledge a node run',
    (p) => p.claims.acknowledgeNodeRun('wfnr_1'),
    { body: { acked: true } },
  ],
  [
    'read the Kafka credentials',
    (p) => p.kafkaCredentials(),
    { body: { ok: true, credentials: { brokers: ['b:1'], username: 'u', password: 'p' } } },
  ],
]

const ODD: [string, Answer][] = [
  ['nothing', { text: '' }],
  ['null', { body: null }],
  ['{}', { body: {} }],
  ['a list', { body: [] }],
  ['a text', { body: 'ok' }],
  ['a page', { text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }],
  ['half of it', { text: '{"ok":true,"run":{"id":' }],
  [
    'things of other types',
    {
      body: {
        ok: 1,
        run: { id: 7 },
        runs: {},
        runLogs: [7],
        action: [],
        nodeRun: 'x',
        nodeRuns: 1,
        entity: { identifier: 1 },
        entities: 'x',
        acked: 'x',
        credentials: { brokers: [] },
      },
    },
  ],
]

describe('a success that is not what Port sends is a response that was lost', () => {
  for (const [what, call, good] of CALLS) {
    it(`to ${what}: it is requested again, and never crashes`, async () => {
      for (const [, odd] of ODD) {
        const answers = [odd, good]
        server.fault = () => answers.shift()
        await call(port)
        expect(answers).toEqual([])
      }
      server.fault = () => ODD[2]?.[1]
      expect((await errorOf(call(port))).isRefusal).toBe(false)
    })
  }

  it.each(ODD)(
    'to start a run: %s: it is requested once, and unknown whether it started',
    async (_, odd) => {
      server.fault = () => odd
      const error = await errorOf(port.actions.run('deploy', { properties: {} }))
      expect(error.effect).toBe('unknown')
      expect(server.calls).toHaveLength(1)
    },
  )

  it.each(ODD)('to sign in: %s', async (_, odd) => {
    let answers: Fault[] = [odd, undefined]
    server.signIn = () => answers.shift()
    expect(await port.runs.get(RUN)).toMatchObject({ id: RUN })
    answers = []
    server.signIn = () => odd
    expect(await messageOf(server.client().runs.get(RUN))).toMatch(
      /^Could not sign in: .*\. Check <port.baseUrl>/,
    )
  })

  it('reads only what it knows of a run, and passes over what has another type', async () => {
    server.addRun(RUN, {
      statusLabel: null,
      link: ['https://a.example', 7, ''],
      externalRunId: 3,
      summary: '',
      more: 1,
    })
    expect(await port.runs.get(RUN)).toEqual({
      id: RUN,
      status: 'IN_PROGRESS',
      link: ['https://a.example'],
    })
  })
})

describe('a topic of the API', () => {
  it('is loaded by its first call, and can be awaited', async () => {
    expect(await port.entities).toBe(port.entities)
    await expect(Reflect.get(port.claims, 'nonsense')()).rejects.toThrow('There is no nonsense')
  })
})

describe('an identifier', () => {
  const calls: [string, (id: string) => Promise<unknown>, string][] = [
    ['of an action', (id) => port.actions.get(id), '<action>'],
    ['of an action to run', (id) => port.actions.run(id, { properties: {} }), '<action>'],
    ['of a run to read', (id) => port.runs.get(id), '<runId>'],
    ['of a run to update', (id) => port.runs.update(id, {}), '<runId>'],
    ['of a run to log', (id) => port.runs.addLog(id, { message: 'x' }), '<runId>'],
    ['of a run to acknowledge', (id) => port.claims.acknowledge(id), '<runId>'],
    ['of a node run', (id) => port.nodeRuns.update(id, {}), '<runId>'],
    ['of a blueprint', (id) => port.entities.upsert(id, {}), 'blueprint'],
    ['of an entity', (id) => port.entities.delete('service', id), 'entity identifier'],
  ]

  it.each(calls)('%s is refused by name before anything is sent', async (_, call, name) => {
    const slashes =
      name === 'entity identifier' ? [] : name === 'blueprint' ? ['a/b'] : ['a/b', 'a\\b']
    for (const id of ['', ' ', '.', '..', '../../auth', 'a/..', 'a\nb', '%2e%2e', ...slashes]) {
      const message = await messageOf(call(id))
      expect(message).toMatch(/^This is not a valid [a-z ]+:/i)
      expect(message).toContain(`  ${name}: `)
    }
    expect(server.requests).toEqual([])
  })

  it('is sent as one segment, without the blanks around it', async () => {
    await messageOf(port.runs.get(' r_1 '))
    await messageOf(port.entities.get('service', 'a b?c#d%é'))
    expect(server.calls).toEqual([
      'GET /v1/actions/runs/r_1',
      'GET /v1/blueprints/service/entities/a%20b%3Fc%23d%25%C3%A9',
    ])
  })
})

describe('credentials', () => {
  it.each(['', ' ', 'secret\n', '\tsecret', 'sec\r\nret'])(
    '%j are refused by name',
    (clientSecret) => {
      expect(() => server.client({ clientSecret })).toThrow('port.clientSecret: ')
      expect(() => server.client({ clientId: clientSecret })).toThrow('port.clientId: ')
    },
  )

  it('and tokens never appear in errors, even if the server repeats them', async () => {
    server.fault = () => refusal(400, 'bad', 'token-1 of a-client-secret is bad')
    expect(await messageOf(port.runs.get(RUN))).toBe(
      'Port refused to read run r_1: 400 *** of *** is bad.',
    )
    server.signIn = () => refusal(401, 'x', 'wrong secret a-client-secret')
    expect(await messageOf(server.client().runs.get(RUN))).not.toContain('a-client-secret')
  })

  it('give one token, however many calls begin at once', async () => {
    await Promise.all([port.runs.get(RUN), port.runs.get(RUN), port.runs.get(RUN)])
    expect(server.requests.filter(({ path }) => path.endsWith('access_token'))).toHaveLength(1)
  })

  it('give a new token once Port does not accept the old one any more', async () => {
    const tokens: string[] = []
    port = server.client({ onToken: (token) => tokens.push(token) })
    await port.runs.get(RUN)
    server.fault = ({ headers }) =>
      headers.authorization === 'Bearer token-1' ? refusal(401, 'token_expired') : undefined
    await Promise.all([port.runs.get(RUN), port.runs.get(RUN)])
    expect(tokens).toEqual(['token-1', 'token-2'])
  })

  it('are not given up for the refusal of a token that was renewed meanwhile', async () => {
    const tokens: string[] = []
    const renewed = Promise.withResolvers<void>()
    port = server.client({
      onToken: (token) => {
        tokens.push(token)
        if (token === 'token-2') renewed.resolve()
      },
    })
    server.fault = async ({ headers, path }) => {
      if (headers.authorization !== 'Bearer token-1') return undefined
      if (path.endsWith('/logs')) await renewed.promise
      return refusal(401, 'token_expired')
    }
    await Promise.all([port.runs.get(RUN), port.runs.logs(RUN)])
    expect(tokens).toEqual(['token-1', 'token-2'])
  })

  it('that are wrong are refused once for all calls that wait', async () => {
    server.signIn = () => refusal(401, 'invalid_credentials')
    const errors = await Promise.all([1, 2, 3].map(() => errorOf(port.runs.get(RUN))))
    expect(errors.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(server.requests).toHaveLength(1)
  })

  it('are waited for no longer than a call has time, and not after it was stopped', async () => {
    port = server.client({ clock: systemClock })
    server.signIn = () => 'hang'
    const end = new AbortController()
    const long = port.runs.get(RUN, { signal: end.signal }).catch(() => {})
    const short = port.runs.get(RUN, { deadline: Date.now() + 50 })
    expect((await errorOf(short)).message).toContain('there was no response in time')
    const stop = new AbortController()
    const stopped = port.runs.get(RUN, { signal: stop.signal })
    stop.abort(new Error('stopped by a person'))
    await expect(stopped).rejects.toThrow('stopped by a person')
    end.abort()
    await long
  })

  it('are not asked for again by a call with more time than the one that failed', async () => {
    let isDown = true
    server.signIn = () => (isDown ? { status: 503 } : undefined)
    const short = errorOf(port.runs.get(RUN, { deadline: server.clock.now() + 2_000 }))
    const long = port.runs.get(RUN, { deadline: server.clock.now() + 60_000 })
    await short
    isDown = false
    expect(await long).toMatchObject({ id: RUN })
  })
})

describe('a refusal', () => {
  it.each([
    [400, true],
    [401, true],
    [403, true],
    [404, true],
    [408, false],
    [409, true],
    [413, true],
    [422, true],
    [425, false],
    [429, false],
    [500, false],
    [503, false],
  ])('%i is for good: %s', async (status, isRefusal) => {
    server.fault = () => refusal(status, 'x')
    const error = await errorOf(port.runs.get(RUN))
    expect(error).toMatchObject({ code: 'PORT', status, isRefusal, said: 'x' })
    expect(error.message).toMatch(isRefusal ? /^Port refused to read run r_1: / : /^Port did not /)
  })

  it('is never what no response means', async () => {
    server.fault = () => 'reset'
    const error = await errorOf(port.runs.get(RUN))
    expect(error).toMatchObject({ code: 'PORT', status: undefined, isRefusal: false })
    expect(error.message).toMatch(/^Could not read run r_1: GET http:/)
  })

  it.each<[string, Answer, string | RegExp]>([
    [
      'wrong credentials',
      refusal(401, 'invalid_credentials', 'Invalid credentials'),
      /^Port refused to read run r_1: 401 Invalid credentials\. Check <port.clientId> and <port.clientSecret>, and that <port.baseUrl> is the API of your region/,
    ],
    ['no word about it', { status: 401 }, /401\. Check <port.clientId>/],
    ['a page', { status: 401, text: '<html>x</html>' }, /401\. Check <port.clientId>/],
    [
      'a run that does not exist',
      refusal(404, 'not_found', 'Action run with id "r_1" was not found'),
      /not found\. Check the run ID, and that the credentials/,
    ],
    [
      'a limit',
      refusal(429, 'rate_limit', 'Too many requests'),
      /429 Too many requests\. Port limits/,
    ],
    [
      'no permission',
      refusal(403, 'forbidden', 'You do not have permission'),
      /permission\. The credentials are valid but/,
    ],
    [
      'a failure of a proxy',
      { status: 502, text: '<html>' },
      /502\. This is a problem of Port, or of a proxy/,
    ],
    [
      'a redirect',
      { status: 302, text: '', headers: { location: 'https://other.example/' } },
      /302\. Check <port.baseUrl>: it redirects/,
    ],
    [
      'an unknown message, whole, without advice',
      refusal(401, 'x', '  Your trial ended on Friday. '),
      'Port refused to read run r_1: 401 Your trial ended on Friday.',
    ],
    [
      'an unknown message of a known status',
      refusal(404, 'x', 'This API has moved to api.next.port.io'),
      'Port refused to read run r_1: 404 This API has moved to api.next.port.io.',
    ],
    [
      'an unknown failure',
      refusal(500, 'x', 'Your plan has no runs left'),
      'Port did not read run r_1: 500 Your plan has no runs left.',
    ],
    [
      'details',
      refusal(422, 'invalid_request', 'body is invalid', { path: '/link' }),
      'Port refused to read run r_1: 422 body is invalid ({"path":"/link"}).',
    ],
  ])(
    'says what Port said, with advice only where that is known: %s',
    async (_, answer, expected) => {
      server.fault = () => answer
      const message = await messageOf(port.runs.get(RUN))
      if (typeof expected === 'string') expect(message).toBe(expected)
      else expect(message).toMatch(expected)
    },
  )
})

describe('starting a run of an action', () => {
  const start = () =>
    port.actions.run('deploy', { properties: { a: 1 }, entity: 'e', runAs: 'ada+x@example.com' })

  it('sends the inputs, the entity and the user', async () => {
    server.answer = () => ({
      status: 202,
      body: { ok: true, run: { id: 'r_9', status: 'IN_PROGRESS' } },
    })
    expect(await start()).toEqual({ id: 'r_9', status: 'IN_PROGRESS' })
    expect(server.requests.at(-1)).toMatchObject({
      path: '/v1/actions/deploy/runs?run_as=ada%2Bx%40example.com',
      body: { properties: { a: 1 }, entity: 'e' },
    })
  })

  it.each<[string, Fault, string, number]>([
    ['502', { status: 502 }, 'unknown', 1],
    ['a reset', 'reset', 'unknown', 1],
    ['422', refusal(422, 'invalid_properties', 'properties must have a'), 'none', 1],
    ['404', refusal(404, 'not_found'), 'none', 1],
  ])('is not repeated after %s; whether it started is %s', async (_, fault, effect, requests) => {
    server.fault = () => fault
    expect(await errorOf(start())).toMatchObject({ effect })
    expect(server.calls).toHaveLength(requests)
  })

  it('is repeated after a limit, because nothing was started', async () => {
    const faults: Fault[] = [{ status: 429 }, { status: 429 }]
    server.fault = () => faults.shift()
    server.answer = () => ({ status: 202, body: { ok: true, run: { id: 'r_9', status: 'X' } } })
    expect(await start()).toMatchObject({ id: 'r_9' })
  })

  it('explains what is wrong with the properties', async () => {
    server.fault = () => refusal(422, 'invalid_properties', 'properties/a must be string')
    expect(await messageOf(start())).toContain('Check the properties against the user inputs')
  })
})

describe('a line of the log', () => {
  const add = () => port.runs.addLog(RUN, { message: 'Deploying' })

  it.each<[string, Fault]>([
    ['a reset', { after: 'reset' }],
    ['502', { after: { status: 502 } }],
    ['an empty response', { after: { text: '' } }],
  ])('that Port stored before %s is not stored again', async (_, fault) => {
    const faults: Fault[] = [fault]
    server.fault = () => faults.shift()
    await add()
    expect(server.logsOf(RUN)).toEqual(['Deploying'])
  })

  it.each<[string, Fault]>([
    ['a reset', 'reset'],
    ['502', { status: 502 }],
    ['a limit', { status: 429 }],
  ])('that Port did not store before %s is sent again', async (_, fault) => {
    const faults: Fault[] = [fault, undefined, fault]
    server.fault = () => faults.shift()
    await add()
    expect(server.logsOf(RUN)).toEqual(['Deploying'])
  })

  it.each([0, 900_000, -900_000])(
    'is told from the same line of an earlier step, with Port %i ms ahead',
    async (ahead) => {
      server.ahead = ahead
      await add()
      server.clock.advance(60_000)
      const faults: Fault[] = ['reset']
      server.fault = () => faults.shift()
      await add()
      expect(server.logsOf(RUN)).toEqual(['Deploying', 'Deploying'])
      faults.push({ after: 'reset' })
      server.clock.advance(60_000)
      await port.runs.addLog(RUN, { message: 'Deploying' })
      expect(server.logsOf(RUN)).toHaveLength(3)
    },
  )

  it('is looked for beyond the first page', async () => {
    for (let line = 0; line < 120; line++) await port.runs.addLog(RUN, { message: `${line}` })
    const faults: Fault[] = [{ after: 'reset' }]
    server.fault = () => faults.shift()
    await add()
    expect(server.logsOf(RUN).filter((line) => line === 'Deploying')).toHaveLength(1)
  })

  it('fails when the time is up, not earlier', async () => {
    server.fault = () => 'reset'
    const begin = server.clock.now()
    await errorOf(port.runs.addLog(RUN, { message: 'x' }, { deadline: begin + 20_000 }))
    expect(server.clock.now() - begin).toBeGreaterThan(15_000)
    expect(server.clock.now() - begin).toBeLessThanOrEqual(20_000)
  })
})
