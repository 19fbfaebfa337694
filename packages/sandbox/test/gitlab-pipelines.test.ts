import { defaultDefinition } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changedProject } from './changed-project.ts'
import { type Started, start } from './start.ts'

const PATH = 'acme/platform/provisioning'
const PROJECT = encodeURIComponent(PATH)
const token = 'sandbox-gitlab-trigger-token-c9e730'
let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

describe('the trigger API', () => {
  test('takes a form, multipart or not, and keeps what was sent for $TRIGGER_PAYLOAD', async () => {
    const { send, sandbox } = started
    const url = `${sandbox.url}/api/v4/projects/${PROJECT}/trigger/pipeline`
    const fields = { token, ref: 'main', 'variables[NAME]': 'orders' }
    const multipart = new FormData()
    for (const [name, value] of Object.entries(fields)) multipart.append(name, value)
    for (const body of [new URLSearchParams(fields), multipart]) {
      const answer = await send('POST', url, { body })
      expect(answer.status).toBe(201)
      expect(answer.body).toMatchObject({ ref: 'main', project_id: 4471, source: 'trigger' })
    }
    const [pipeline] = sandbox.gitlabPipelines(PATH)
    expect(pipeline?.variables).toEqual({ NAME: 'orders' })
    expect(JSON.parse(pipeline?.triggerPayload ?? '')).toEqual({
      id: PATH,
      ref: 'main',
      variables: { NAME: 'orders' },
    })
  })

  test('takes JSON, and parameters in the query', async () => {
    const { gitlab, sandbox } = started
    const inJson = { token, ref: 'next', variables: { NAME: 'orders' } }
    expect((await gitlab('POST', '4471/trigger/pipeline', inJson)).status).toBe(201)
    const query = new URLSearchParams({ token, ref: 'next', 'variables[NAME]': 'carts' })
    expect((await gitlab('POST', `4471/trigger/pipeline?${query}`)).status).toBe(201)
    const names = sandbox.gitlabPipelines(PATH).map(({ variables }) => variables.NAME)
    expect(names).toEqual(['orders', 'carts'])
  })

  test.each([
    ['an unknown ref', { token, ref: 'nope' }, 400, { message: { base: ['Reference not found'] } }],
    [
      'a personal token',
      { token: 'sandbox-gitlab-token-8d14e6', ref: 'main' },
      404,
      { message: '404 Not Found' },
    ],
    ['no token and no ref', {}, 400, { error: 'ref is missing, token is missing' }],
    [
      'a list of variables',
      { token, ref: 'main', variables: [] },
      400,
      { error: 'variables is invalid' },
    ],
    [
      'a variable that is not text',
      { token, ref: 'main', variables: { A: 1 } },
      400,
      { message: 'variables needs to be a map of key-valued strings' },
    ],
    [
      'a key with a dash',
      { token, ref: 'main', variables: { 'A-B': '1' } },
      400,
      { message: { 'variables.key': ["can contain only letters, digits and '_'."] } },
    ],
    [
      'an unknown input',
      { token, ref: 'main', inputs: { x: '1' } },
      400,
      { message: { base: ['unknown input arguments: x'] } },
    ],
  ])('refuses %s', async (_, body, status, expected) => {
    const { gitlab, sandbox } = started
    const answer = await gitlab('POST', `${PROJECT}/trigger/pipeline`, body)
    expect([answer.status, answer.body]).toEqual([status, expected])
    expect(sandbox.gitlabPipelines(PATH)).toEqual([])
  })

  test('refuses a pipeline in which no job is left', async () => {
    const { body, status } = await started.gitlab('POST', '4502/trigger/pipeline', {
      token,
      ref: 'main',
    })
    expect(status).toBe(400)
    expect(body.message.base[0]).toContain('prevented any jobs from being added')
  })

  test('refuses variables where the project does not allow them', async () => {
    const strict = await start({ definition: changedProject({ pipelineVariables: 'refused' }) })
    const send = (variables: object) =>
      strict.gitlab('POST', '4471/trigger/pipeline', { token, ref: 'main', variables })
    expect((await send({ A: '1' })).body.message.base).toEqual([
      'Insufficient permissions to set pipeline variables',
    ])
    expect((await send({})).status).toBe(201)
    await strict.sandbox.close()
  })

  test('checks inputs against those that the pipeline declares', async () => {
    const inputs = { region: { options: ['eu', 'us'] }, size: { default: 1 } }
    const other = await start({ definition: changedProject({ inputs }) })
    const send = (given: object) =>
      other.gitlab('POST', '4471/trigger/pipeline', { token, ref: 'main', inputs: given })
    expect((await send({})).body.message.base[0]).toContain('`region` input: required value')
    expect((await send({ region: 'mars' })).status).toBe(400)
    expect((await send({ region: 'eu' })).status).toBe(201)
    expect(other.sandbox.gitlabPipelines(PATH)[0]?.inputs).toEqual({ region: 'eu', size: 1 })
    await other.sandbox.close()
  })
})

describe('the pipelines API', () => {
  const body = { ref: 'main', variables: [{ key: 'ENVIRONMENT', value: 'staging' }] }

  test('starts a pipeline for an access token, in either header', async () => {
    const { gitlab, sandbox } = started
    expect((await gitlab('POST', `${PROJECT}/pipeline`, body)).body.source).toBe('api')
    const bearer = { 'private-token': '', authorization: 'Bearer sandbox-gitlab-token-8d14e6' }
    const { 'private-token': _, ...headers } = bearer
    const url = `${sandbox.url}/api/v4/projects/${PROJECT}/pipeline`
    expect((await started.send('POST', url, { json: body, headers })).status).toBe(201)
    expect(sandbox.gitlabPipelines(PATH)).toHaveLength(2)
  })

  test('refuses nobody, strangers and those who may only read', async () => {
    const { send, gitlab, sandbox } = started
    const url = `${sandbox.url}/api/v4/projects/${PROJECT}/pipeline`
    const nobody = await send('POST', url, { json: body })
    expect([nobody.status, nobody.body]).toEqual([401, { message: '401 Unauthorized' }])
    const wrong = await gitlab('POST', `${PROJECT}/pipeline`, body, {
      'private-token': 'glpat-wrong',
    })
    expect(wrong.status).toBe(401)
    const readOnly = { 'private-token': 'sandbox-gitlab-read-only-token-57ac02' }
    const reader = await gitlab('POST', `${PROJECT}/pipeline`, body, readOnly)
    expect([reader.status, reader.body.error]).toEqual([403, 'insufficient_scope'])
  })

  test('does not tell an unknown project from one out of sight', async () => {
    const accessTokens = [{ token: 'sandbox-elsewhere', projects: ['acme/release'] }]
    const definition = { gitlab: { ...defaultDefinition.gitlab, accessTokens } }
    const stranger = await start({ definition })
    for (const path of [PROJECT, 'acme%2Fnope'])
      expect((await stranger.gitlab('GET', path)).body).toEqual({
        message: '404 Project Not Found',
      })
    expect((await stranger.gitlab('GET', 'acme%2Frelease')).status).toBe(200)
    await stranger.sandbox.close()
  })

  test('refuses what is not a list of keys and values', async () => {
    const { gitlab } = started
    const send = (change: object) => gitlab('POST', `${PROJECT}/pipeline`, { ...body, ...change })
    expect((await send({ variables: { A: '1' } })).body).toEqual({ error: 'variables is invalid' })
    expect((await send({ ref: 'nope' })).body).toEqual({
      message: { base: ['Reference not found'] },
    })
    const twice = [...body.variables, ...body.variables]
    expect((await send({ variables: twice })).body.message.variables[0]).toContain(
      'duplicate values',
    )
  })
})
