import { defaultDefinition } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Started, start } from './start.ts'

const DISPATCHES = 'acme/services/actions/workflows/deploy.yml/dispatches'
const inputs = { service: 'cart', environment: 'staging' }
let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

test('a dispatch with details answers with the ids of the run it started', async () => {
  const { github, sandbox } = started
  const { status, body } = await github('POST', DISPATCHES, {
    ref: 'main',
    inputs,
    return_run_details: true,
  })
  expect(status).toBe(200)
  const [run] = sandbox.githubRuns('acme/services')
  expect(body.workflow_run_id).toBe(run?.id)
  expect(body.html_url).toBe(run?.url)
  expect(run).toMatchObject({ workflow: 'deploy.yml', ref: 'main', inputs, status: 'queued' })
})

test('without the flag it answers 204 and starts the run all the same', async () => {
  const { github, sandbox } = started
  const { status, text } = await github('POST', DISPATCHES, { ref: 'main', inputs })
  expect([status, text]).toEqual([204, ''])
  expect(sandbox.githubRuns('acme/services')).toHaveLength(1)
})

test('from API version 2026-03-10 on the details always come', async () => {
  const version = { 'x-github-api-version': '2026-03-10' }
  const { status, body } = await started.github(
    'POST',
    DISPATCHES,
    { ref: 'main', inputs },
    version,
  )
  expect(status).toBe(200)
  expect(body).toHaveProperty('workflow_run_id')
})

describe('Enterprise Servers without run details', () => {
  const dispatch = async (runDetails: 'unsupported' | 'refused') => {
    const github = { ...defaultDefinition.github, runDetails }
    const older = await start({ definition: { github } })
    const answer = await older.github('POST', DISPATCHES, {
      ref: 'main',
      inputs,
      return_run_details: true,
    })
    const runs = older.sandbox.githubRuns('acme/services')
    await older.sandbox.close()
    return { answer, runs }
  }

  test('some ignore the flag and answer 204', async () => {
    const { answer, runs } = await dispatch('unsupported')
    expect(answer.status).toBe(204)
    expect(runs).toHaveLength(1)
  })

  test('some refuse the flag and start nothing', async () => {
    const { answer, runs } = await dispatch('refused')
    expect(answer.status).toBe(422)
    expect(answer.body.message).toContain('"return_run_details" is not a permitted key.')
    expect(runs).toEqual([])
  })
})

describe('a dispatch is refused', () => {
  const refusals: [string, object, string][] = [
    ['for an unknown ref', { ref: 'nope', inputs }, 'No ref found for: nope'],
    [
      'for an unknown input',
      { ref: 'main', inputs: { ...inputs, x: '1', y: '' } },
      'Unexpected inputs provided: ["x", "y"]',
    ],
    [
      'without a required input',
      { ref: 'main', inputs: { service: 'cart' } },
      "Required input 'environment' not provided",
    ],
    [
      'for a choice that is not offered',
      { ref: 'main', inputs: { ...inputs, environment: 'moon' } },
      "Provided value 'moon' for input 'environment' not in the list of allowed values",
    ],
    [
      'for a boolean that is none',
      { ref: 'main', inputs: { ...inputs, dry_run: 'maybe' } },
      "Provided value 'maybe' for input 'dry_run' not in the list of allowed values",
    ],
    [
      'for an input that is not text',
      { ref: 'main', inputs: { ...inputs, dry_run: true } },
      "For 'properties/dry_run', true is not a string.",
    ],
    ['without a ref', { inputs }, '"ref" wasn\'t supplied.'],
    [
      'for more than 65,535 characters',
      { ref: 'main', inputs: { ...inputs, port_context: 'x'.repeat(65_535) } },
      'inputs are too large.',
    ],
    [
      'for more than 25 inputs',
      {
        ref: 'main',
        inputs: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`i${index}`, ''])),
      },
      'No more than 25 properties are allowed; 26 were supplied.',
    ],
  ]
  test.each(refusals)('%s', async (_, body, message) => {
    const { github, sandbox } = started
    const answer = await github('POST', DISPATCHES, body)
    expect(answer.status).toBe(422)
    expect(answer.body.message).toContain(message)
    expect(sandbox.githubRuns('acme/services')).toEqual([])
  })

  test('for a workflow without the trigger', async () => {
    const path = DISPATCHES.replace('deploy.yml', 'ci.yml')
    const { status, body } = await started.github('POST', path, { ref: 'main' })
    expect([status, body.message]).toEqual([
      422,
      "Workflow does not have 'workflow_dispatch' trigger",
    ])
  })

  test('for a workflow or repository that is not there', async () => {
    const { github } = started
    for (const path of [DISPATCHES.replace('deploy', 'nope'), DISPATCHES.replace('acme', 'other')])
      expect((await github('POST', path, { ref: 'main', inputs })).status).toBe(404)
  })

  test('for a wrong token, none, and one that may only read', async () => {
    const { github } = started
    const as = (authorization: string) =>
      github('POST', DISPATCHES, { ref: 'main', inputs }, { authorization })
    const wrong = await as('Bearer ghp_wrong')
    expect([wrong.status, wrong.body.message]).toEqual([401, 'Bad credentials'])
    expect((await as('')).status).toBe(401)
    expect((await as('Bearer sandbox-github-read-only-token-b20c55')).status).toBe(403)
  })
})

test('a ref may be written in full, and may be a tag', async () => {
  const { github, sandbox } = started
  for (const ref of ['refs/heads/release', 'v1.4.0'])
    expect((await github('POST', DISPATCHES, { ref, inputs })).status).toBe(204)
  expect(sandbox.githubRuns('acme/services').map((run) => run.ref)).toEqual(['release', 'v1.4.0'])
})

test('a workflow can be named by its id', async () => {
  const { github } = started
  const { body } = await github('GET', 'acme/services/actions/workflows/deploy.yml')
  const path = `acme/services/actions/workflows/${body.id}/dispatches`
  expect((await github('POST', path, { ref: 'main', inputs })).status).toBe(204)
})
