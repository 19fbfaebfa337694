import { systemClock } from '@port-dispatch/core'
import { fetchTransport } from '@port-dispatch/core/http'
import { PortClient, RunReporter } from '@port-dispatch/core/port'
import type { Sandbox } from '@port-dispatch/sandbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startCheckedSandbox } from '../../../../test/contracts/checked-sandbox.ts'
import { InstantClock } from '../../../../test/support/instant-clock.ts'

const RUN = 'r_DeployService001'
const END = { status: 'SUCCESS', statusLabel: 'Success', message: 'All done' } as const

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startCheckedSandbox()
})

afterEach(async () => {
  await sandbox.close()
})

function client(overrides: Partial<ConstructorParameters<typeof PortClient>[0]> = {}): PortClient {
  const { PORT_BASE_URL = '', PORT_CLIENT_ID = '', PORT_CLIENT_SECRET = '' } = sandbox.environment
  return new PortClient({
    baseUrl: PORT_BASE_URL,
    clientId: PORT_CLIENT_ID,
    clientSecret: PORT_CLIENT_SECRET,
    ...overrides,
  })
}

function calls(): string[] {
  return sandbox.exchanges.map(({ method, path, status }) => `${method} ${path} ${status}`)
}

describe('reporting on a run', () => {
  it('takes one token, one change at the start and one call at the end', async () => {
    const reporter = new RunReporter(client(), RUN)
    await reporter.update({ link: 'https://ci.example/1', statusLabel: 'Running' })
    const result = await reporter.finish(END)

    expect(result.type).toBe('delivered')
    expect(calls()).toEqual([
      'POST /v1/auth/access_token 200',
      `PATCH /v1/actions/runs/${RUN} 200`,
      `POST /v1/actions/runs/${RUN}/logs 201`,
    ])
    expect(sandbox.portRun(RUN)).toMatchObject({
      status: 'SUCCESS',
      statusLabel: 'Success',
      link: 'https://ci.example/1',
      logs: [{ message: 'All done' }],
    })
  })

  it('sends what was not delivered with the next report', async () => {
    let down = true
    const fetch = (url: string, init: RequestInit) =>
      down && init.method === 'PATCH'
        ? Promise.reject(new TypeError('down'))
        : globalThis.fetch(url, init)
    const reporter = new RunReporter(client({ transport: fetchTransport(fetch) }), RUN, {
      timeLimit: 1_500,
    })
    const lost = await reporter.update({ link: 'https://ci.example/1' })
    expect(lost).toMatchObject({ type: 'failed', lost: ['link https://ci.example/1'] })

    down = false
    await reporter.finish(END)
    expect(sandbox.portRun(RUN)).toMatchObject({ status: 'SUCCESS', link: 'https://ci.example/1' })
  })

  it('renews the token once when Port no longer accepts it', async () => {
    const reporter = new RunReporter(client(), RUN)
    await reporter.update({ statusLabel: 'Running' })
    sandbox.revokePortTokens()
    expect((await reporter.finish(END)).type).toBe('delivered')
    expect(calls().filter((call) => call.includes('access_token'))).toHaveLength(2)
  })

  it('leaves a run alone that has ended', async () => {
    await new RunReporter(client(), RUN).finish({
      ...END,
      status: 'FAILURE',
      statusLabel: 'Failed',
    })
    const result = await new RunReporter(client(), RUN).finish(END)
    expect(result).toMatchObject({
      type: 'ended',
      run: { status: 'FAILURE', statusLabel: 'Failed' },
    })
    expect(sandbox.portRun(RUN)?.status).toBe('FAILURE')
  })

  it('counts an end whose answer was lost as delivered', async () => {
    let lost = false
    const fetch = async (url: string, init: RequestInit) => {
      const response = await globalThis.fetch(url, init)
      if (lost || !url.endsWith('/logs')) return response
      lost = true
      throw new TypeError('the answer was lost')
    }
    const result = await new RunReporter(client({ transport: fetchTransport(fetch) }), RUN).finish(
      END,
    )
    expect(result).toMatchObject({ type: 'delivered', run: { status: 'SUCCESS' } })
    expect(sandbox.portRun(RUN)?.logs).toHaveLength(1)
  })

  it('says in full what Port was not told', async () => {
    const fetch = () => Promise.reject(new TypeError('down'))
    const reporter = new RunReporter(client({ transport: fetchTransport(fetch) }), RUN, {
      timeLimit: 50,
      clock: systemClock,
    })
    await reporter.update({ externalRunId: 'gh_1_2_3' })
    expect(await reporter.finish(END)).toMatchObject({
      type: 'failed',
      lost: ['externalRunId gh_1_2_3', 'status SUCCESS', 'label Success', 'log All done'],
    })
  })

  it('cuts a log line that Port would not take, and marks the cut', async () => {
    await new RunReporter(client(), RUN).finish({ ...END, message: '🐎"'.repeat(400_000) })
    const message = sandbox.portRun(RUN)?.logs[0]?.message ?? ''
    expect(message).toMatch(/… \(cut: Port accepts at most 1 MiB\)$/)
    expect(message.isWellFormed()).toBe(true)
  })
})

describe('a refusal of Port', () => {
  it('of the credentials names the variables and the regions', async () => {
    const result = await new RunReporter(client({ clientSecret: 'wrong' }), RUN).update({
      statusLabel: 'x',
    })
    expect(result).toMatchObject({
      type: 'failed',
      error: {
        status: 401,
        message: expect.stringMatching(/PORT_CLIENT_SECRET.*api\.us\.port\.io/),
      },
    })
    expect(calls()).toHaveLength(1)
  })

  it('of a run that does not exist names the run', async () => {
    const result = await new RunReporter(client(), 'r_none').update({ statusLabel: 'x' })
    expect(result).toMatchObject({
      type: 'failed',
      error: { message: expect.stringContaining('r_none') },
    })
  })
})

describe('the Port client', () => {
  it('finds runs by their external run id', async () => {
    await client().updateRun(RUN, { externalRunId: 'gh_1_2_3' })
    expect(await client().findRuns('gh_1_2_3')).toMatchObject([{ id: RUN }])
    expect(await client().findRuns('gh_9_9_9')).toEqual([])
  })

  it('starts a run and reads it', async () => {
    const { id } = await client().createRun('deploy_service', {
      properties: { environment: 'staging' },
      entity: 'checkout',
      runAs: 'ada@example.com',
    })
    expect(await client().getRun(id)).toMatchObject({ id, status: 'IN_PROGRESS' })
  })

  it('explains a refusal to start a run', async () => {
    await expect(client().createRun('no_such_action', { properties: {} })).rejects.toThrow(
      'Check the identifier of the action',
    )
    await expect(client().createRun('deploy_service', { properties: {} })).rejects.toThrow(
      'Check the properties against the user inputs',
    )
  })

  it('reads the definition of an action', async () => {
    expect(await client().getAction('deploy_service')).toMatchObject({
      invocationMethod: { type: 'GITHUB' },
    })
  })

  it('asks for one token, however many calls begin at once', async () => {
    const port = client()
    await Promise.all([port.getRun(RUN), port.getRun(RUN), port.getRun(RUN)])
    expect(calls().filter((call) => call.includes('access_token'))).toHaveLength(1)
  })

  it('does not take the page of a proxy for an answer', async () => {
    const fetch = () => Promise.resolve(new Response('<html>Sign in</html>', { status: 200 }))
    const port = client({ transport: fetchTransport(fetch), clock: new InstantClock() })
    await expect(port.getRun(RUN)).rejects.toThrow(
      'is not JSON: it was cut short, or something in between sent it',
    )
  })
})
