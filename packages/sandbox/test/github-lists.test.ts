import { defaultDefinition } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Started, start } from './start.ts'

const BASE = 'acme/services/actions'
let started: Started

beforeEach(async () => {
  started = await start()
})
afterEach(() => started.sandbox.close())

async function dispatch({ github } = started): Promise<void> {
  const inputs = { service: 'cart', environment: 'staging' }
  await github('POST', `${BASE}/workflows/deploy.yml/dispatches`, { ref: 'main', inputs })
}

describe('lists of runs', () => {
  const ids = async (query: string) => {
    const { body } = await started.github('GET', `${BASE}/workflows/deploy.yml/runs?${query}`)
    return body.workflow_runs.map(({ id }: { id: number }) => id)
  }

  test('are newest first and filter by branch, event, status and time', async () => {
    const { github, wait, sandbox } = started
    await dispatch()
    wait(60)
    const body = { ref: 'release', inputs: { service: 'cart', environment: 'staging' } }
    await github('POST', `${BASE}/workflows/deploy.yml/dispatches`, body)
    const [first, second] = sandbox.githubRuns('acme/services').map(({ id }) => id)
    expect(await ids('event=workflow_dispatch')).toEqual([second, first])
    expect(await ids('event=push')).toEqual([])
    expect(await ids('branch=release')).toEqual([second])
    expect(await ids('status=queued')).toEqual([second])
    expect(await ids('status=success')).toEqual([first])
    expect(await ids('created=%3E%3D2026-03-02T09:31:00Z')).toEqual([second])
    expect(await ids('created=%3C2026-03-02T09:31:00Z')).toEqual([first])
    expect(await ids('created=2026-03-02')).toEqual([second, first])
    const all = await github('GET', `${BASE}/runs`)
    expect(all.body.total_count).toBe(2)
  })

  test('compare whole seconds, as the times in answers are', async () => {
    await dispatch()
    expect(await ids('created=%3E%3D2026-03-02T09:30:00Z')).toHaveLength(1)
    expect(await ids('created=%3E%3D2026-03-02T09:30:00.500Z')).toHaveLength(0)
  })

  test('come in pages with a Link header', async () => {
    for (let index = 0; index < 3; index++) await dispatch()
    const { github } = started
    const first = await github('GET', `${BASE}/runs?per_page=2`)
    expect(first.body.workflow_runs).toHaveLength(2)
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await github('GET', next.replace(/^.*\/repos\//, ''))
    expect(second.body.workflow_runs).toHaveLength(1)
    expect(second.headers.get('link')).toContain('rel="prev"')
  })

  test('can lag behind a dispatch', async () => {
    const definition = { github: { ...defaultDefinition.github, listDelay: 2 } }
    const lagging = await start({ definition })
    await dispatch(lagging)
    const count = async () => (await lagging.github('GET', `${BASE}/runs`)).body.total_count
    expect(await count()).toBe(0)
    lagging.wait(2)
    expect(await count()).toBe(1)
    await lagging.sandbox.close()
  })
})
