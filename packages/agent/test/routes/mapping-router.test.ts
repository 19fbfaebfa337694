import { createCipheriv, randomBytes } from 'node:crypto'
import { InputError, type Json, type JsonObject } from '@port-dispatch/core'
import type { Exchange } from '@port-dispatch/dispatcher'
import { describe, expect, it } from 'vitest'
import { parseMapping } from '../../src/routes/mapping-file.ts'
import { mappingRouter } from '../../src/routes/mapping-router.ts'
import { messageRouter, type Routed } from '../../src/routes/router.ts'
import { type MessageOptions, SECRET, work } from '../support/work.ts'

const environment = { TARGET: 'https://target.test', TOKEN: 'from-the-environment' }
const WEBHOOK = { type: 'WEBHOOK', agent: true, url: 'https://target.test/hook' }

async function route(
  entries: Json,
  { invocationMethod = WEBHOOK, ...options }: Partial<MessageOptions> = {},
): Promise<Routed> {
  const mapping = await parseMapping(entries, { name: 'mapping.json', environment })
  const router = mappingRouter(mapping, { clientSecret: SECRET, byMethod: messageRouter() })
  return await router.route(work({ invocationMethod, ...options }))
}

async function methodOf(entries: Json, options?: Partial<MessageOptions>): Promise<JsonObject> {
  const routed = await route(entries, options)
  if (routed.type === 'refused') throw new Error(routed.message)
  return routed.method as unknown as JsonObject
}

async function problemsOf(entries: Json): Promise<string> {
  const error = await parseMapping(entries, { name: 'mapping.json', environment }).catch(
    (reason: unknown) => reason,
  )
  if (!(error instanceof InputError)) throw new Error('It is valid')
  return error.message
}

describe('a mapping file', () => {
  it('chooses the first entry that is enabled', async () => {
    const entries = [
      { enabled: false, url: '"https://target.test/0"' },
      { enabled: '.action == "other"', url: '"https://target.test/1"' },
      { enabled: '.action', url: '"https://target.test/2"' },
      { enabled: '.action == "deploy"', url: '"https://target.test/3"' },
      { url: '"https://target.test/4"' },
    ]
    expect(await methodOf(entries)).toMatchObject({ url: 'https://target.test/3' })
  })

  it.each([
    [true, 'matches'],
    ['true', 'matches'],
    ['yes', 'matches'],
    [null, 'matches'],
    ['no', 'does not match'],
    ['null', 'does not match'],
    ['"true"', 'does not match'],
    ['error("x")', 'does not match'],
    ['empty', 'does not match'],
  ])('enabled %j %s', async (enabled, expected) => {
    const { type } = await route([{ enabled }])
    expect(type).toBe(expected === 'matches' ? 'method' : 'refused')
  })

  it('executes nothing if no entry matches, and says so', async () => {
    expect(await route([{ enabled: false }])).toEqual({
      type: 'refused',
      message:
        'No entry of the mapping file mapping.json matches this run, so that nothing is executed.',
    })
  })

  it('names fields that are misspelt, and leaves those of others alone', async () => {
    const entries = [
      { comment: 'ours', note: '', bdy: '.a' },
      { report: { sumary: '.b', extra: 1 } },
    ]
    const { notes } = await parseMapping(entries, { name: 'mapping.json', environment })
    expect(notes).toEqual([
      'The mapping file mapping.json has [0].bdy, which is not a field and is ignored. Did you mean body?',
      'The mapping file mapping.json has [1].report.sumary, which is not a field and is ignored. Did you mean summary?',
    ])
  })

  it('takes what an entry does not have from the message', async () => {
    const invocationMethod = { ...WEBHOOK, method: 'PATCH', headers: { a: 'b' } }
    const method = await methodOf([{}], { invocationMethod, headers: { 'X-Own': '1' } })
    expect(method).toMatchObject({ url: WEBHOOK.url, method: 'PATCH', headers: {} })
    expect(method.body).toMatchObject({ action: 'deploy', headers: { 'X-Own': '1' } })
    expect(Object.keys((method.body as JsonObject).headers ?? {})).toEqual(['X-Own'])
  })

  it('makes method, headers, query and body of programs, whole or walked', async () => {
    const entries = [
      {
        url: '$ENV.TARGET + "/" + .payload.properties.name',
        method: '"put"',
        headers: {
          Authorization: '"Bearer " + env.TOKEN',
          'X-Gone': 'null',
          'X-Run': '.context.runId',
        },
        query: { a: '"x y"', b: '[1, 2]', c: 'null', d: 'true' },
        body: {
          kept: '.payload.properties',
          n: 1,
          list: ['.action', { x: 'error("no")' }],
          gone: {},
        },
      },
    ]
    const method = await methodOf(entries, { properties: { name: 'web' } })
    expect(method).toMatchObject({
      url: 'https://target.test/web?a=x+y&b=1&b=2&d=True',
      method: 'PUT',
      headers: { Authorization: 'Bearer from-the-environment', 'X-Run': 'r_0123456789abcdef' },
      body: { kept: { name: 'web' }, n: 1, list: ['deploy', { x: null }] },
    })
    expect(Object.keys(method.body as JsonObject)).not.toContain('gone')
  })

  it.each([
    ['null', null],
    ['"text"', 'text'],
    ['.payload.properties', { a: 1 }],
    ['[1]', [1]],
    ['false', false],
  ])('sends what the program %s gives as body', async (body, expected) => {
    const { body: sent } = await methodOf([{ body }], { properties: { a: 1 } })
    expect(sent).toEqual(expected)
  })

  it('adds a query to the one that a URL has, before its fragment', async () => {
    const entries = [{ url: '"https://target.test/?a=1#top"', query: '"b=2"' }]
    expect(await methodOf(entries)).toMatchObject({ url: 'https://target.test/?a=1&b=2#top' })
  })

  it('leaves a run whose method has no URL to that method', async () => {
    const entries = [{ enabled: true, url: '.payload.action.invocationMethod.url' }]
    const github = { type: 'GITHUB', org: 'acme', repo: 'web', workflow: 'deploy.yml' }
    expect(await methodOf(entries, { invocationMethod: github })).toMatchObject(github)
  })

  it('refuses a webhook for which no URL comes out', async () => {
    const routed = await route([{ url: '.nothing' }])
    expect(routed).toEqual({
      type: 'refused',
      message: 'The entry 0 of the mapping file has no url for this run: its program gave none.',
    })
  })

  it('does not take null for a program that was stopped', async () => {
    const routed = await route([{ headers: { a: 'last(range(1e12))' } }])
    expect(routed).toMatchObject({ type: 'refused' })
    expect(routed.type === 'refused' && routed.message).toContain('time limit of 1000 ms')
  })

  it('decrypts the fields that it names before the request is made, and leaves the others', async () => {
    const properties = { password: encrypted('s3cret'), list: [{ key: encrypted('k') }], odd: 'x' }
    const fieldsToDecryptPaths = [
      'payload.properties.password',
      'payload.properties.list.0.key',
      'payload.properties.odd',
      'payload.properties.none.at.all',
    ]
    const entries = [
      {
        enabled: '.payload.properties.password != "s3cret"',
        fieldsToDecryptPaths,
        body: '.payload.properties',
      },
    ]
    const routed = await route(entries, { properties })
    expect(routed).toMatchObject({
      method: { body: { password: 's3cret', list: [{ key: 'k' }], odd: 'x' } },
      notes: [
        'payload.properties.odd (fieldsToDecryptPaths of entry 0 of the mapping file) cannot be decrypted and stays as it is.',
      ],
    })
  })

  it('is not valid with a program that jq does not accept, which it shows', async () => {
    expect(
      await problemsOf([
        { enabled: '.a |' },
        { url: '.ok', body: { variables: { x: ['.payload | nosuch'] } }, report: { link: '$no' } },
      ]),
    ).toMatchInlineSnapshot(`
      "The mapping file mapping.json is not valid:
        [0].enabled: syntax error, unexpected end of file
            .a |
               ^
        [1].body.variables.x[0]: nosuch/0 is not defined
            .payload | nosuch
                       ^
        [1].report.link: $no is not defined
            $no
            ^"
    `)
  })

  it('is not valid with fields of another kind', async () => {
    expect(
      await problemsOf([
        'x',
        { enabled: {}, url: 1, headers: 2, report: [], fieldsToDecryptPaths: 'a' },
      ]),
    ).toMatchInlineSnapshot(`
      "The mapping file mapping.json is not valid:
        [0]: is not an object
        [1].enabled: is not valid; expected true, false or a jq program
        [1].url: is not valid; expected a jq program
        [1].headers: is not valid; expected a jq program, or an object of them
        [1].report: is not an object; expected an object with status, link, summary, externalRunId
        [1].fieldsToDecryptPaths: is not valid; expected an array of paths such as "payload.properties.password""
    `)
    expect(await problemsOf({ enabled: true })).toMatchInlineSnapshot(`
      "The mapping file mapping.json is not valid:
        found an object; expected an array of entries"
    `)
  })

  it('may hold fields that Port’s agent does not know', async () => {
    expect(await methodOf([{ $comment: 'all', enabled: true }])).toMatchObject({ type: 'WEBHOOK' })
  })
})

describe('the report of an entry', () => {
  const report = {
    status: 'if .response.statusCode == 200 then .response.json.state else null end',
    link: '.response.headers.Location // .request.url',
    summary: '.body.action + " " + .response.text',
    externalRunId: '.response.json.id',
  }

  async function reportOf(
    definition: Json,
    response: Partial<Exchange['response']>,
    invocationMethod: JsonObject = WEBHOOK,
  ) {
    const routed = await route([{ report: definition }], { invocationMethod })
    if (routed.type === 'refused') throw new Error(routed.message)
    return await routed.interpret?.({
      request: { url: WEBHOOK.url, method: 'POST', headers: {} },
      response: { status: 200, headers: {}, text: '', ...response },
    })
  }

  it('is made of the response, the request and the message', async () => {
    const text = '{"state":"SUCCESS","id":7}'
    expect(
      await reportOf(report, { text, headers: { location: 'https://target.test/7' } }),
    ).toEqual({
      status: 'SUCCESS',
      link: 'https://target.test/7',
      summary: `deploy ${text}`,
      externalRunId: '7',
    })
    expect(await reportOf(report, { text: 'no JSON' })).toEqual({
      link: WEBHOOK.url,
      summary: 'deploy no JSON',
    })
  })

  it('has no status that Port does not know', async () => {
    expect(await reportOf({ status: '"DONE"' }, {})).toEqual({
      notes: [
        'report.status of entry 0 of the mapping file is not SUCCESS or FAILURE and is not reported.',
      ],
    })
  })

  it('ends the run where the request failed, even if no program says so', async () => {
    const failed = { status: 'FAILURE', summary: 'The response was 500 Internal Server Error.' }
    expect(await reportOf({ link: 'null' }, { status: 500 })).toEqual(failed)
    expect(await reportOf({ status: 'null' }, { status: 500 })).toEqual(failed)
    expect(await reportOf({ status: '"SUCCESS"' }, { status: 500 })).toMatchObject({
      status: 'SUCCESS',
    })
  })

  it('ends a synchronized run unless a program says that it goes on', async () => {
    const synchronized = { ...WEBHOOK, synchronized: true }
    expect(await reportOf({ link: 'null' }, {}, synchronized)).toEqual({ status: 'SUCCESS' })
    expect(await reportOf({ status: 'null' }, {}, synchronized)).toEqual({})
    expect(await reportOf({ link: 'null' }, {})).toEqual({})
  })

  it('is left to the method where the entry has none, with the status of a refusal as the summary', async () => {
    const routed = await route([{}])
    if (routed.type === 'refused') throw new Error(routed.message)
    const request = { url: WEBHOOK.url, method: 'POST', headers: {} }
    const reportOfStatus = async (status: number) =>
      await routed.interpret?.({ request, response: { status, headers: {}, text: '' } })
    expect(await reportOfStatus(204)).toEqual({})
    expect(await reportOfStatus(404)).toEqual({
      status: 'FAILURE',
      summary: 'The response was 404 Not Found.',
    })
  })
})

/** As Port encrypts user inputs. */
function encrypted(text: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-gcm', SECRET.slice(0, 32), iv)
  const parts = [iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(parts).toString('base64')
}
