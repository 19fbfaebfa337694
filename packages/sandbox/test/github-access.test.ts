import { defaultDefinition } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Started, start } from './start.ts'

let started: Started

beforeEach(async () => {
  const github = { ...defaultDefinition.github, rateLimit: 3 }
  started = await start({ definition: { github } })
})
afterEach(() => started.sandbox.close())

function remaining({ headers }: { headers: Headers }): number {
  return Number(headers.get('x-ratelimit-remaining'))
}

describe('the rate limit', () => {
  test('is counted down and told in every answer, refusals included', async () => {
    const { github } = started
    const first = await github('GET', 'acme/services')
    expect(first.headers.get('x-ratelimit-limit')).toBe('3')
    expect(remaining(first)).toBe(2)
    expect(remaining(await github('GET', 'acme/nope'))).toBe(1)
  })

  test('refuses with 403 once it is used up, until it is reset', async () => {
    const { github, wait } = started
    for (let index = 0; index < 3; index++) await github('GET', 'acme/services')
    const refused = await github('GET', 'acme/services')
    expect([refused.status, remaining(refused)]).toEqual([403, 0])
    expect(refused.body.message).toContain('API rate limit exceeded')
    const reset = Number(refused.headers.get('x-ratelimit-reset'))
    wait(reset - Date.parse('2026-03-02T09:30:00.700Z') / 1000)
    expect((await github('GET', 'acme/services')).status).toBe(200)
  })

  test('is not touched by a 304', async () => {
    const { github } = started
    const first = await github('GET', 'acme/services')
    const known = { 'if-none-match': first.headers.get('etag') ?? '' }
    for (let index = 0; index < 5; index++) {
      const again = await github('GET', 'acme/services', undefined, known)
      expect([again.status, again.text, remaining(again)]).toEqual([304, '', 2])
    }
  })
})

test('an entity tag changes with the answer', async () => {
  const { github, wait } = started
  const inputs = { service: 'cart', environment: 'staging' }
  await github('POST', 'acme/services/actions/workflows/deploy.yml/dispatches', {
    ref: 'main',
    inputs,
  })
  const { headers } = await github('GET', 'acme/services/actions/runs')
  const known = { 'if-none-match': headers.get('etag') ?? '' }
  expect((await github('GET', 'acme/services/actions/runs', undefined, known)).status).toBe(304)
  wait(1)
  expect((await github('GET', 'acme/services/actions/runs', undefined, known)).status).toBe(200)
})

test('a token may be limited to some repositories', async () => {
  const tokens = [{ token: 'sandbox-other', repositories: ['acme/elsewhere'] }]
  const limited = await start({ definition: { github: { ...defaultDefinition.github, tokens } } })
  expect((await limited.github('GET', 'acme/services')).status).toBe(404)
  await limited.sandbox.close()
})

test('a repository tells its default branch and the ids that Port wants', async () => {
  const { body } = await started.github('GET', 'acme/services')
  expect(body).toMatchObject({ default_branch: 'main', id: 710045, owner: { id: 90211 } })
})

test('a workflow file comes in base64 or raw, for a ref that is there', async () => {
  const { github } = started
  const path = 'acme/services/contents/.github/workflows/ci.yml'
  const encoded = await github('GET', `${path}?ref=release`)
  const raw = await github('GET', path, undefined, { accept: 'application/vnd.github.raw+json' })
  expect(Buffer.from(encoded.body.content, 'base64').toString()).toBe(raw.text)
  expect(raw.text).toMatch(/^name: CI\n/)
  expect((await github('GET', `${path}?ref=nope`)).status).toBe(404)
})
