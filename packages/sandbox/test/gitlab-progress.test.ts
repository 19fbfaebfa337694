import type { JobDefinition } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changedProject } from './changed-project.ts'
import { type Started, start } from './start.ts'

const PATH = 'acme/platform/provisioning'
const PROJECT = encodeURIComponent(PATH)
let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

async function trigger(variables: Record<string, string>, { gitlab } = started): Promise<string> {
  const token = 'sandbox-gitlab-trigger-token-c9e730'
  const { body } = await gitlab('POST', `${PROJECT}/trigger/pipeline`, {
    token,
    ref: 'main',
    variables,
  })
  return `${PROJECT}/pipelines/${body.id}`
}

async function jobsOf(pipeline: string, { gitlab } = started): Promise<Record<string, string>> {
  const { body } = await gitlab('GET', `${pipeline}/jobs`)
  return Object.fromEntries(
    body.map((job: { name: string; status: string }) => [job.name, job.status]).reverse(),
  )
}

test('a pipeline is created, pending, running and then successful', async () => {
  const { gitlab, wait } = started
  const pipeline = await trigger({ ENVIRONMENT: 'staging' })
  const seen = new Set<string>()
  for (let second = 0; second < 5; second += 0.2) {
    seen.add((await gitlab('GET', pipeline)).body.status)
    wait(0.2)
  }
  expect([...seen]).toEqual(['created', 'pending', 'running', 'success'])
  expect((await gitlab('GET', pipeline)).body).toMatchObject({ finished_at: expect.any(String) })
})

test('it fails with the job that the definition says', async () => {
  const { gitlab, wait } = started
  const pipeline = await trigger({ ENVIRONMENT: 'broken' })
  wait(10)
  expect((await gitlab('GET', pipeline)).body.status).toBe('failed')
  expect(await jobsOf(pipeline)).toEqual({
    validate: 'success',
    plan: 'success',
    apply: 'failed',
    notify: 'success',
  })
  const failed = await gitlab('GET', `${pipeline}/jobs?scope[]=failed`)
  expect(failed.body.map((job: { name: string }) => job.name)).toEqual(['apply'])
})

test('its variables can be read by who may read the pipeline, by a trigger token not', async () => {
  const { gitlab } = started
  const pipeline = await trigger({ PORT_RUN_ID: 'r_1' })
  const { body } = await gitlab('GET', `${pipeline}/variables`)
  expect(body).toContainEqual({
    variable_type: 'env_var',
    key: 'PORT_RUN_ID',
    value: 'r_1',
    raw: false,
  })
  expect(JSON.stringify(body)).not.toContain('sandbox-gitlab-trigger-token')
  const asTrigger = { 'private-token': 'sandbox-gitlab-trigger-token-c9e730' }
  expect((await gitlab('GET', pipeline, undefined, asTrigger)).status).toBe(401)
  const bodyless = await started.send('GET', `${started.sandbox.url}/api/v4/projects/${pipeline}`)
  expect(bodyless.body).toEqual({ message: '404 Project Not Found' })
})

test('cancelling passes through canceling, and changes nothing at the end', async () => {
  const { gitlab, wait } = started
  const pipeline = await trigger({ ENVIRONMENT: 'staging' })
  wait(1.5)
  expect((await gitlab('POST', `${pipeline}/cancel`)).body.status).toBe('canceling')
  wait(1)
  expect((await gitlab('GET', pipeline)).body.status).toBe('canceled')
  expect(await jobsOf(pipeline)).toEqual({
    validate: 'success',
    plan: 'canceled',
    apply: 'canceled',
    notify: 'canceled',
  })
  const again = await gitlab('POST', `${pipeline}/cancel`)
  expect([again.status, again.body.status]).toEqual([200, 'canceled'])
})

test.each([
  ['stops the pipeline until a person acts', 'manual', 'created', {}],
  ['is passed over when it may fail', 'success', 'success', { allowFailure: true }],
])('a manual job %s', async (_, status, after, change) => {
  const jobs: JobDefinition[] = [
    { name: 'build', stage: 'validate' },
    { name: 'approve', stage: 'plan', when: 'manual', ...change },
    { name: 'release', stage: 'apply' },
  ]
  const other = await start({ definition: changedProject({ jobs }) })
  const pipeline = await trigger({}, other)
  other.wait(3600)
  expect((await other.gitlab('GET', pipeline)).body.status).toBe(status)
  const expected = { build: 'success', approve: 'manual', release: after }
  expect(await jobsOf(pipeline, other)).toEqual(expected)
  await other.sandbox.close()
})

test('after a failed job only those run that are made for it', async () => {
  const jobs: JobDefinition[] = [
    { name: 'lint', stage: 'validate', allowFailure: true, failWhen: {} },
    { name: 'build', stage: 'validate' },
    { name: 'deploy', stage: 'plan', failWhen: {} },
    { name: 'announce', stage: 'apply' },
    { name: 'undo', stage: 'apply', when: 'on_failure' },
    { name: 'clean-up', stage: 'apply', when: 'always' },
  ]
  const other = await start({ definition: changedProject({ jobs }) })
  const pipeline = await trigger({}, other)
  other.wait(3600)
  expect((await other.gitlab('GET', pipeline)).body.status).toBe('failed')
  expect(await jobsOf(pipeline, other)).toEqual({
    lint: 'failed',
    build: 'success',
    deploy: 'failed',
    announce: 'skipped',
    undo: 'success',
    'clean-up': 'success',
  })
  await other.sandbox.close()
})

test.each(['skipped', 'canceled', 'scheduled', 'waiting_for_resource', 'a_new_one'])(
  'a pipeline can be made to end in the status %s',
  async (status) => {
    const definition = changedProject({ endings: [{ status, after: 1 }] })
    const other = await start({ definition })
    const pipeline = await trigger({}, other)
    other.wait(3600)
    expect((await other.gitlab('GET', pipeline)).body.status).toBe(status)
    expect((await other.gitlab('GET', `${pipeline}/jobs`)).status).toBe(200)
    await other.sandbox.close()
  },
)

test('a test can put a pipeline into a status', async () => {
  const { gitlab, sandbox } = started
  const pipeline = await trigger({})
  sandbox.endGitlabPipeline(PATH, Number(pipeline.split('/').at(-1)), 'failed')
  expect((await gitlab('GET', pipeline)).body.status).toBe('failed')
})

test('an unknown pipeline is not found', async () => {
  const { status, body } = await started.gitlab('GET', `${PROJECT}/pipelines/1`)
  expect([status, body]).toEqual([404, { message: '404 Not found' }])
})

describe('lists of pipelines', () => {
  const ids = async (query: string) => {
    const { body } = await started.gitlab('GET', `${PROJECT}/pipelines?${query}`)
    return body.map(({ id }: { id: number }) => id)
  }

  test('filter by ref, status, source and time, and sort', async () => {
    const { gitlab, wait, sandbox } = started
    await trigger({})
    wait(60)
    await gitlab('POST', `${PROJECT}/pipeline`, { ref: 'next' })
    const [first, second] = sandbox.gitlabPipelines(PATH).map(({ id }) => id)
    expect(await ids('')).toEqual([second, first])
    expect(await ids('order_by=id&sort=asc')).toEqual([first, second])
    expect(await ids('ref=next')).toEqual([second])
    expect(await ids('source=trigger')).toEqual([first])
    expect(await ids('status=success')).toEqual([first])
    expect(await ids('created_after=2026-03-02T09:30:30Z')).toEqual([second])
    expect(await ids('updated_after=2026-03-02T09:30:30Z')).toEqual([second])
    expect((await gitlab('GET', `${PROJECT}/pipelines?order_by=name`)).status).toBe(400)
  })

  test('come in pages with totals', async () => {
    for (let index = 0; index < 3; index++) await trigger({})
    const { headers, body } = await started.gitlab('GET', `${PROJECT}/pipelines?per_page=2&page=2`)
    expect(body).toHaveLength(1)
    expect(headers.get('x-total')).toBe('3')
    expect(headers.get('x-total-pages')).toBe('2')
    expect(headers.get('x-prev-page')).toBe('1')
    expect(headers.get('x-next-page')).toBe('')
  })
})
