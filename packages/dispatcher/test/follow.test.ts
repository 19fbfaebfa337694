import { silentLogger } from '@port-dispatch/core'
import type { WaitOptions } from '@port-dispatch/dispatcher'
import { defaultDefinition, type Sandbox, type SandboxDefinition } from '@port-dispatch/sandbox'
import { describe, expect, it, type TestContext } from 'vitest'
import { startCheckedSandbox } from '../../../test/contracts/checked-sandbox.ts'
import { dispatchOn, runOf } from '../../../test/support/dispatch-on.ts'
import { InstantClock } from '../../../test/support/instant-clock.ts'

const HOUR = 3_600_000

const github = {
  type: 'GITHUB',
  org: 'acme',
  repo: 'services',
  workflow: 'deploy.yml',
  reportWorkflowStatus: true,
  workflowInputs: { service: 'checkout', environment: 'staging', ref: 'main' },
} as const

const gitlab = {
  type: 'GITLAB',
  groupName: 'acme',
  projectName: 'release',
  defaultRef: 'main',
  pipelineVariables: { RELEASE: 'minor' },
} as const

interface World {
  sandbox: Sandbox
  clock: InstantClock
  said: string[]
}

async function world(
  { onTestFinished }: TestContext,
  definition: SandboxDefinition = {},
): Promise<World> {
  const clock = new InstantClock()
  const sandbox = await startCheckedSandbox({ definition, now: () => clock.now() })
  onTestFinished(() => sandbox.close())
  return { sandbox, clock, said: [] }
}

/** The default definition, with other endings for deploy.yml. */
function ending(
  ...endings: { after?: number; conclusion?: string; status?: string }[]
): SandboxDefinition {
  const [repository] = defaultDefinition.github.repositories
  const deploy = repository?.workflows['deploy.yml']
  if (!repository || !deploy) throw new Error('The default definition has no deploy.yml')
  const workflows = { 'deploy.yml': { ...deploy, plan: { ...deploy.plan, endings } } }
  return { github: { ...defaultDefinition.github, repositories: [{ ...repository, workflows }] } }
}

async function follow(
  { sandbox, clock, said }: World,
  action: typeof github | typeof gitlab,
  wait: Partial<WaitOptions> = {},
  signal?: AbortSignal,
) {
  return await dispatchOn(sandbox, {
    action,
    clock,
    logger: {
      ...silentLogger,
      info: (text) => said.push(text),
      warning: (text) => said.push(text),
    },
    wait: { timeout: HOUR, onCancel: 'leave', ...wait },
    signal,
  })
}

describe.concurrent('following a run', () => {
  it.for([
    ['success', 'SUCCESS', 'Success'],
    ['neutral', 'SUCCESS', 'Neutral'],
    ['skipped', 'SUCCESS', 'Skipped'],
    ['failure', 'FAILURE', 'Failed'],
    ['cancelled', 'FAILURE', 'Cancelled'],
    ['timed_out', 'FAILURE', 'Timed out'],
    ['action_required', 'FAILURE', 'Action required'],
    ['startup_failure', 'FAILURE', 'Failed to start'],
    ['stale', 'FAILURE', 'Stale'],
    ['new_next_year', 'FAILURE', 'new_next_year'],
  ] as const)('ends with %s', async ([conclusion, status, label], context) => {
    const result = await follow(await world(context, ending({ after: 60, conclusion })), github)
    expect(result.outcome?.status).toBe(status)
    expect(result.outcome?.statusLabel).toMatch(new RegExp(`^(${label}|Failed at ".*")$`))
    expect(result.state).toMatchObject({ status: 'completed', conclusion })
  })

  it('waits on at a status that is not known, and says so', async (context) => {
    const here = await world(context, ending({ after: 5, status: 'hovering' }))
    const result = await follow(here, github, { timeout: 120_000 })
    expect(here.said.join('\n')).toContain('hovering http')
    expect(result.outcome).toEqual({ status: 'FAILURE', statusLabel: 'Timed out' })
    expect(here.said.join('\n')).toContain(
      'did not end within 120 s (it was hovering). It was left running',
    )
  })

  it('asks for what it knows already with an ETag, which costs no rate limit', async (context) => {
    const here = await world(context, ending({ after: 600, conclusion: 'success' }))
    const result = await follow(here, github)
    const reads = here.sandbox.exchanges.filter(({ path }) =>
      path.endsWith(`/runs/${runOf(result).id}`),
    )
    const [withBody, unchanged] = [200, 304].map((code) =>
      reads.filter(({ status }) => status === code),
    )
    // Each body was news: another status, or a job of the run that went on.
    expect(new Set(withBody?.map(({ responseText }) => responseText)).size).toBe(withBody?.length)
    expect(withBody?.length).toBeLessThanOrEqual(6)
    expect(unchanged?.length).toBeGreaterThan(20)
    expect(reads).toHaveLength((withBody?.length ?? 0) + (unchanged?.length ?? 0))
  })

  it('asks often at first and then less often', async (context) => {
    const here = await world(context, ending({ after: 600, conclusion: 'success' }))
    await follow(here, github)
    expect(here.clock.slept[0]).toBeLessThan(1_500)
    expect(Math.max(...here.clock.slept)).toBeGreaterThan(11_000)
    expect(Math.max(...here.clock.slept)).toBeLessThanOrEqual(18_000)
  })

  it('waits for a person, and says where', async (context) => {
    const here = await world(context)
    const result = await follow(here, gitlab, { timeout: 60_000 })
    expect(here.said.join('\n')).toMatch(/manual http.*\/-\/pipelines\/\d+/)
    expect(result.outcome?.statusLabel).toBe('Timed out')
  })

  it('does not wait for a person if told so', async (context) => {
    const here = await world(context)
    const result = await follow(here, gitlab, { onManual: 'stop' })
    expect(result).not.toHaveProperty('outcome')
    expect(here.said.join('\n')).toContain('acme/release waits for a person: http')
  })

  it('waits for the end of a rate limit', async (context) => {
    const definition = ending({ after: 600, conclusion: 'success' })
    const here = await world(context, {
      ...definition,
      github: { ...defaultDefinition.github, ...definition.github, rateLimit: 3 },
    })
    const result = await follow(here, github, { timeout: 3 * HOUR })
    expect(result.outcome?.status).toBe('SUCCESS')
    expect(here.said.join('\n')).toContain('rate limit')
    expect(Math.max(...here.clock.slept)).toBeGreaterThan(600_000)
    expect(here.sandbox.exchanges.filter(({ status }) => status === 403).length).toBeLessThan(3)
  })

  it('cancels the run when it is interrupted and told to', async (context) => {
    const here = await world(context, ending({ after: 600, conclusion: 'success' }))
    const controller = new AbortController()
    const result = await dispatchOn(here.sandbox, {
      action: github,
      clock: here.clock,
      logger: { ...silentLogger, info: () => controller.abort() },
      wait: { timeout: HOUR, onCancel: 'cancel' },
      signal: controller.signal,
    })
    expect(result.outcome).toMatchObject({ status: 'FAILURE', statusLabel: 'Cancelled' })
    here.clock.advance(60_000)
    expect(here.sandbox.githubRuns('acme/services')).toMatchObject([{ conclusion: 'cancelled' }])
  })

  it('starts nothing when it was interrupted before the start', async (context) => {
    const here = await world(context)
    await expect(follow(here, github, {}, AbortSignal.abort())).rejects.toThrow(
      /^Stopped before .* was started/,
    )
    expect(here.sandbox.githubRuns('acme/services')).toEqual([])
  })

  it('goes on through an outage of the backend', async (context) => {
    const here = await world(context, ending({ after: 600, conclusion: 'success' }))
    const real = here.sandbox.environment.GITHUB_API_URL ?? ''
    let reads = 0
    const fetch = (url: string, init: RequestInit) => {
      const isDown = init.method === 'GET' && url.startsWith(real) && ++reads > 4 && reads < 40
      return isDown
        ? Promise.resolve(new Response('', { status: 503 }))
        : globalThis.fetch(url, init)
    }
    const { clock, said, sandbox } = here
    const result = await dispatchOn(sandbox, {
      action: github,
      clock,
      fetch,
      logger: { ...silentLogger, warning: (text) => said.push(text) },
      wait: { timeout: HOUR, onCancel: 'leave' },
    })
    expect(result.outcome?.status).toBe('SUCCESS')
    expect(said.join('\n')).toContain('503')
  })
})
