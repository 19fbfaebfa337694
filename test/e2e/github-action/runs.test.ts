import { describe, expect, it as test } from 'vitest'
import { PortServer } from '../../../packages/core/test/port/port-server.ts'
import { portCalls } from '../../support/port-calls.ts'
import { ActionStep } from '../../support/run-action.ts'
import { sandboxTest as it } from '../../support/sandbox-test.ts'

describe.concurrent('PATCH_RUN', () => {
  it('changes what it is given, as port-labs/port-github-action does', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = {
      operation: 'patch_run',
      runId: id,
      logMessage: 'Building',
      link: '["https://one.example.com", "https://two.example.com"]',
      summary: 'Almost there',
      statusLabel: 'Building',
    }
    const main = await new ActionStep({ sandbox, inputs }).main()
    expect(main).toMatchObject({ code: 0, annotations: [], outputs: { runId: id } })
    expect(portCalls(sandbox)).toEqual([
      { call: 'POST /v1/auth/access_token' },
      {
        call: `PATCH /v1/actions/runs/${id}`,
        body: {
          link: ['https://one.example.com', 'https://two.example.com'],
          summary: 'Almost there',
          statusLabel: 'Building',
        },
      },
      { call: `POST /v1/actions/runs/${id}/logs`, body: { message: 'Building' } },
    ])
  })

  it.for([
    ['SUCCESS', 'SUCCESS'],
    ['failure', 'FAILURE'],
    ['cancelled', 'FAILURE'],
  ] as const)(
    'ends the run with %s, the message and the label last',
    async ([status, ended], { sandbox }) => {
      const { id } = sandbox.createPortRun('deploy_service')
      const inputs = {
        operation: 'PATCH_RUN',
        runId: id,
        status,
        statusLabel: 'Over',
        logMessage: 'That was it',
        summary: 'Over',
      }
      await new ActionStep({ sandbox, inputs }).main()
      expect(portCalls(sandbox).slice(1)).toEqual([
        { call: `PATCH /v1/actions/runs/${id}`, body: { summary: 'Over' } },
        {
          call: `POST /v1/actions/runs/${id}/logs`,
          body: { message: 'That was it', terminationStatus: ended, statusLabel: 'Over' },
        },
      ])
    },
  )

  it('needs one call to end the run without a message', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = {
      operation: 'PATCH_RUN',
      runId: id,
      status: 'SUCCESS',
      link: 'https://x.example',
    }
    await new ActionStep({ sandbox, inputs }).main()
    expect(portCalls(sandbox).slice(1)).toEqual([
      {
        call: `PATCH /v1/actions/runs/${id}`,
        body: { status: 'SUCCESS', link: 'https://x.example' },
      },
    ])
  })

  it('finds the run id by itself', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const event = { name: 'workflow_dispatch', payload: { inputs: { port_run_id: id } } }
    const inputs = { operation: 'PATCH_RUN', statusLabel: 'Found' }
    await new ActionStep({ sandbox, inputs, event }).main()
    expect(sandbox.portRun(id)).toMatchObject({ statusLabel: 'Found' })
  })

  it.for([
    ['"https://one.example.com"', 'https://one.example.com'],
    [
      '["https://one.example.com", "https://two.example.com"]',
      ['https://one.example.com', 'https://two.example.com'],
    ],
    [
      'https://one.example.com\nhttps://two.example.com',
      ['https://one.example.com', 'https://two.example.com'],
    ],
    ['[]', undefined],
  ] as const)('takes the link %j', async ([link, sent], { sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = { operation: 'PATCH_RUN', runId: id, link, summary: 'x' }
    await new ActionStep({ sandbox, inputs }).main()
    expect(portCalls(sandbox).at(-1)?.body).toEqual({ summary: 'x', ...(sent && { link: sent }) })
  })

  it('has the message as an output, as port-github-action has', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = { operation: 'PATCH_RUN', runId: id, logMessage: 'Half way', icon: 'Cart' }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      annotations: [],
      outputs: { runId: id, logMessage: 'Half way' },
    })
  })

  it('has nothing to do where an expression left the message empty', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = { operation: 'PATCH_RUN', runId: id, logMessage: '', link: '' }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 0,
      annotations: [expect.stringMatching(/^notice: logMessage is empty/)],
    })
    expect(portCalls(sandbox)).toEqual([])
  })

  it('leaves a run alone that has ended, unless strict', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = { operation: 'PATCH_RUN', runId: id, status: 'SUCCESS' }
    await new ActionStep({ sandbox, inputs }).main()
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 0,
      annotations: [expect.stringMatching(/^notice: Port run .* already ended with SUCCESS/)],
    })
    const strict = { ...inputs, strict: 'true' }
    expect(await new ActionStep({ sandbox, inputs: strict }).main()).toMatchObject({ code: 1 })
  })

  it('passes over inputs of other operations, and says so', async ({ sandbox }) => {
    const { id } = sandbox.createPortRun('deploy_service')
    const inputs = { operation: 'PATCH_RUN', runId: id, logMessage: 'x', identifier: 'checkout' }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 0,
      annotations: [
        'warning: identifier: is not an input of PATCH_RUN; it is an input of CREATE_RUN and UPSERT and GET and DELETE.',
      ],
    })
  })

  it.for([
    [{ status: 'DONE', runId: 'r_1' }, 'status: found "DONE"; expected SUCCESS or FAILURE'],
    [{ runId: 'r_none', logMessage: 'x' }, 'Check the run ID'],
    [{ runId: 'r_1', link: '[1]' }, 'link: begins with [ and is not JSON of links'],
  ] as const)('refuses %j', async ([wrong, message], { sandbox }) => {
    const inputs = { operation: 'PATCH_RUN', ...wrong }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(message)],
    })
  })
})

describe.concurrent('CREATE_RUN', () => {
  const create = {
    operation: 'CREATE_RUN',
    action: 'deploy_service',
    identifier: 'checkout',
    properties: '{"environment": "staging", "version": "1.4.0"}',
  }

  it('starts a run of an action on an entity', async ({ sandbox }) => {
    const main = await new ActionStep({ sandbox, inputs: create }).main()
    expect(main).toMatchObject({ code: 0, annotations: [] })
    expect(main.outputs).toMatchObject({
      runId: expect.stringMatching(/^r_/),
      status: 'IN_PROGRESS',
    })
    expect(portCalls(sandbox)).toEqual([
      { call: 'POST /v1/auth/access_token' },
      {
        call: 'POST /v1/actions/deploy_service/runs',
        body: { properties: { environment: 'staging', version: '1.4.0' }, entity: 'checkout' },
      },
    ])
  })

  it.for([
    ['SUCCESS', 0],
    ['FAILURE', 1],
  ] as const)('waits for the end, which is %s', async ([status, code], { sandbox }) => {
    const inputs = { ...create, wait: 'true', properties: 'environment: staging' }
    const running = new ActionStep({ sandbox, inputs }).main()
    const id = await createdRun()
    const patch = { operation: 'PATCH_RUN', runId: id, status, statusLabel: 'Over' }
    await new ActionStep({ sandbox, inputs: patch }).main()
    const main = await running
    expect(main.outputs).toMatchObject({ runId: id, status, statusLabel: 'Over' })
    expect(main.code).toBe(code)
    if (code === 1) {
      expect(main.annotations).toEqual([
        `error: Run ${id} of deploy_service ended with FAILURE (Over).`,
      ])
    }

    async function createdRun(): Promise<string> {
      for (;;) {
        const created = sandbox.exchanges.find(({ path }) => path.endsWith('deploy_service/runs'))
        if (created) return (created.responseBody as { run: { id: string } }).run.id
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })

  it('stops waiting when the time is up', async ({ sandbox }) => {
    const inputs = { ...create, wait: 'true', timeout: '1s' }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 1,
      annotations: [expect.stringMatching(/did not end within 1 s .* Give a longer timeout/)],
      outputs: { status: 'IN_PROGRESS' },
    })
  })

  it.for([
    [{ action: '' }, 'action: is missing; give the identifier of the action to run'],
    [{ action: 'nope' }, 'Check the identifier of the action and of the entity'],
    [{ properties: '["staging"]' }, 'properties: is not an object'],
    [{ properties: '{"environment": ' }, 'properties:1:'],
    [{ properties: '{}' }, 'Check the properties against the user inputs of the action'],
  ] as const)('refuses %j', async ([wrong, message], { sandbox }) => {
    const inputs = { ...create, ...wrong }
    expect(await new ActionStep({ sandbox, inputs }).main()).toMatchObject({
      code: 1,
      annotations: [expect.stringContaining(message)],
    })
  })
})

describe.concurrent('a Port that loses responses', () => {
  const environmentOf = ({ url }: PortServer) => ({
    url,
    environment: {
      PORT_BASE_URL: url,
      PORT_CLIENT_ID: 'id',
      PORT_CLIENT_SECRET: 'a-client-secret',
    },
  })

  test('and has ended the run as PATCH_RUN says, has changed it', async () => {
    const port = await PortServer.start()
    try {
      port.addRun('r_1')
      let lost = 0
      port.fault = ({ method }) =>
        method === 'POST' && lost++ === 0 ? { after: 'reset' } : undefined
      const inputs = { operation: 'PATCH_RUN', runId: 'r_1', status: 'SUCCESS', logMessage: 'Done' }
      const main = await new ActionStep({ sandbox: environmentOf(port), inputs }).main()
      expect(main).toMatchObject({ code: 0, annotations: [], outputs: { status: 'SUCCESS' } })
      expect(port.logsOf('r_1')).toEqual(['Done'])
    } finally {
      await port.close()
    }
  })

  test('and does not show a new run at once, does not end the waiting of CREATE_RUN', async () => {
    const port = await PortServer.start()
    try {
      port.answer = () => ({ status: 202, body: { ok: true, run: port.addRun('r_2') } })
      let reads = 0
      port.fault = ({ method, path }) => {
        if (method !== 'GET' || !path.endsWith('r_2')) return undefined
        if (++reads === 1) return { status: 404, body: { ok: false, message: 'Not found' } }
        Object.assign(port.runs.get('r_2') ?? {}, { status: 'SUCCESS' })
        return undefined
      }
      const inputs = { operation: 'CREATE_RUN', action: 'deploy', wait: 'true' }
      const main = await new ActionStep({ sandbox: environmentOf(port), inputs }).main()
      expect(main).toMatchObject({ code: 0, outputs: { status: 'SUCCESS' } })
      expect(main.annotations).toEqual([expect.stringContaining('404 Not found. Check')])
    } finally {
      await port.close()
    }
  })
})
