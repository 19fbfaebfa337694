import { defaultDefinition, type WorkflowEnding } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Started, start } from './start.ts'

const BASE = 'acme/services/actions'
let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

async function dispatch(environment = 'staging', { github } = started): Promise<string> {
  const { body } = await github('POST', `${BASE}/workflows/deploy.yml/dispatches`, {
    ref: 'main',
    inputs: { service: 'cart', environment },
    return_run_details: true,
  })
  return `${BASE}/runs/${body.workflow_run_id}`
}

/** The default definition, in which runs of `deploy.yml` end in another way. */
function endingWith(ending: WorkflowEnding) {
  const { github } = defaultDefinition
  const [repository] = github.repositories
  const deploy = repository?.workflows['deploy.yml']
  if (!repository || !deploy) throw new Error('The default definition has no deploy.yml')
  const workflow = { ...deploy, plan: { ...deploy.plan, endings: [ending] } }
  const workflows = { ...repository.workflows, 'deploy.yml': workflow }
  return { github: { ...github, repositories: [{ ...repository, workflows }] } }
}

describe('a run', () => {
  test('is queued, in progress and then completed with success', async () => {
    const { github, wait } = started
    const run = await dispatch()
    const seen: [string, string | null][] = []
    for (let second = 0; second < 5; second += 0.25) {
      const { body } = await github('GET', run)
      const state: [string, string | null] = [body.status, body.conclusion]
      if (String(seen.at(-1)) !== String(state)) seen.push(state)
      wait(0.25)
    }
    expect(seen).toEqual([
      ['queued', null],
      ['in_progress', null],
      ['completed', 'success'],
    ])
  })

  test('fails at the step that the definition says, skips what follows, and runs `always()`', async () => {
    const { github, wait } = started
    const run = await dispatch('broken')
    wait(10)
    expect((await github('GET', run)).body.conclusion).toBe('failure')
    const { body } = await github('GET', `${run}/jobs`)
    const jobs = body.jobs.map((job: { name: string; conclusion: string }) => [
      job.name,
      job.conclusion,
    ])
    expect(jobs).toEqual([
      ['Plan', 'success'],
      ['Deploy to broken', 'failure'],
      ['Clean up', 'success'],
    ])
    const steps = body.jobs[1].steps.map((step: { name: string; conclusion: string }) => [
      step.name,
      step.conclusion,
    ])
    expect(steps).toEqual([
      ['Set up job', 'success'],
      ['Check out', 'success'],
      ['Terraform apply', 'failure'],
      ['Smoke test', 'skipped'],
      ['Complete job', 'success'],
    ])
  })

  test('shows jobs and steps as they go', async () => {
    const { github, wait } = started
    const run = await dispatch()
    wait(0.8)
    const { body } = await github('GET', `${run}/jobs`)
    expect(body.jobs.map((job: { status: string }) => job.status)).toEqual([
      'in_progress',
      'queued',
      'queued',
    ])
    expect(body.jobs[0].steps.map((step: { status: string }) => step.status)).toEqual([
      'completed',
      'completed',
      'in_progress',
      'queued',
    ])
    expect(body.jobs[1].steps).toEqual([])
  })

  test('can be cancelled, once, and not after it has ended', async () => {
    const { github, wait } = started
    const run = await dispatch()
    wait(1)
    expect((await github('POST', `${run}/cancel`)).status).toBe(202)
    wait(1)
    expect((await github('GET', run)).body.conclusion).toBe('cancelled')
    const { body } = await github('GET', `${run}/jobs`)
    expect(body.jobs.map((job: { conclusion: string }) => job.conclusion)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ])
    const again = await github('POST', `${run}/cancel`)
    expect([again.status, again.body.message]).toEqual([
      409,
      'Cannot cancel a workflow run that is completed.',
    ])
  })

  test('goes faster with `speed`, at the same pace for the same clock', async () => {
    const fast = await start({ speed: 100 })
    const run = await dispatch('staging', fast)
    fast.wait(0.04)
    expect((await fast.github('GET', run)).body.status).toBe('completed')
    await fast.sandbox.close()
  })

  test.each(['timed_out', 'action_required', 'startup_failure', 'stale', 'neutral', 'a_new_one'])(
    'can end with the conclusion %s',
    async (conclusion) => {
      const other = await start({ definition: endingWith({ conclusion }) })
      const run = await dispatch('staging', other)
      other.wait(10)
      expect((await other.github('GET', run)).body).toMatchObject({
        status: 'completed',
        conclusion,
      })
      expect((await other.github('GET', `${run}/jobs`)).status).toBe(200)
      await other.sandbox.close()
    },
  )

  test.each(['waiting', 'a_new_one'])(
    'can stay in the status %s until it is cancelled',
    async (status) => {
      const definition = endingWith({ status, after: 1, when: { environment: 'production' } })
      const other = await start({ definition })
      const run = await dispatch('production', other)
      const unaffected = await dispatch('staging', other)
      other.wait(3600)
      expect((await other.github('GET', run)).body).toMatchObject({ status, conclusion: null })
      expect((await other.github('GET', unaffected)).body.conclusion).toBe('success')
      const { body } = await other.github('GET', `${run}/jobs`)
      expect(body.jobs.map((job: { conclusion: string | null }) => job.conclusion)).toEqual([
        null,
        null,
        null,
      ])
      await other.github('POST', `${run}/cancel`)
      other.wait(1)
      expect((await other.github('GET', run)).body.conclusion).toBe('cancelled')
      await other.sandbox.close()
    },
  )

  test('can be ended by a test', async () => {
    const { github, sandbox } = started
    const run = await dispatch()
    sandbox.endGithubRun('acme/services', Number(run.split('/').at(-1)), 'timed_out')
    expect((await github('GET', run)).body.conclusion).toBe('timed_out')
  })
})
