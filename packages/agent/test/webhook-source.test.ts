import { silentLogger, systemClock } from '@port-dispatch/core'
import { fetchTransport, type Transport } from '@port-dispatch/core/http'
import { PortClient, signatureHeaders } from '@port-dispatch/core/port'
import { defaultDefinition, type Sandbox, startSandbox } from '@port-dispatch/sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RECEIVED } from '../src/sources/orphans.ts'
import { WebhookSource, type WebhookSourceOptions } from '../src/sources/webhook.ts'
import type { Intake, Refusal, Settlement, Work } from '../src/work.ts'
import { TAKEN } from '../src/worker/earlier.ts'

const SECRET = 'secret-of-the-organization'
const stops: (() => Promise<void>)[] = []
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox()
})

afterAll(async () => {
  await sandbox.close()
})

function clientOf({ url }: Sandbox, transport?: Transport): PortClient {
  const [{ clientId, clientSecret } = { clientId: '', clientSecret: '' }] =
    defaultDefinition.port.credentials
  return new PortClient({
    clientId,
    clientSecret,
    baseUrl: url,
    ...(transport && { transport }),
  })
}

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A server, and an intake that settles as the test says. */
async function start(
  execute: (
    work: Work,
    stopped: Promise<Settlement>,
    signal: AbortSignal | undefined,
  ) => Promise<Settlement>,
  options: Partial<WebhookSourceOptions> = {},
) {
  const works: Work[] = []
  const refusals: Refusal[] = []
  const stopped = Promise.withResolvers<Settlement>()
  const intake: Intake = {
    room: async () => 1,
    execute: (work, signal) => {
      works.push(work)
      return execute(work, stopped.promise, signal)
    },
    refuse: async (refusal) => void refusals.push(refusal),
  }
  const source = new WebhookSource({
    listen: { host: '127.0.0.1', port: 0 },
    port: clientOf(sandbox),
    secrets: [SECRET],
    orphanedAfter: 900_000,
    clock: systemClock,
    logger: silentLogger,
    nameOf: String,
    ...options,
  })
  const stopping = new AbortController()
  const running = source.run(intake, stopping.signal)
  await expect.poll(() => source.state.ready).toBe(true)
  const stop = async () => {
    stopping.abort(new Error('stop'))
    stopped.resolve({ type: 'handed-over', begun: true })
    await running
  }
  stops.push(stop)
  const send = async (
    body: string,
    {
      headers = {},
      age = 0,
      secret = SECRET,
    }: { headers?: object; age?: number; secret?: string } = {},
  ) => {
    const timestamp = Math.floor(Date.now() / 1000) - age
    const response = await fetch(`${source.address}/hooks`, {
      method: 'POST',
      body,
      headers: { ...signatureHeaders({ secret, timestamp, body }), ...headers },
    })
    return { status: response.status, body: (await response.json()) as { message?: string } }
  }
  return { send, works, refusals, stop, source }
}

function message(more: object = {}): string {
  return JSON.stringify({
    action: 'restart',
    resourceType: 'run',
    context: { runId: 'r_1' },
    payload: {
      properties: { name: 'checkout' },
      action: { invocationMethod: { type: 'WEBHOOK', url: 'https://agent', ...more } },
    },
  })
}

const done = (result: Extract<Settlement, { type: 'done' }>['result']) => async () =>
  ({ type: 'done', result }) as const

describe('webhooks of Port', () => {
  it('become runs, and are responded to once they are begun', async () => {
    const { send, works } = await start(async ({ onStarted }) => {
      await onStarted?.()
      // Followed for longer than anybody waits for a response.
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      return { type: 'done', result: 'success' }
    })
    expect(await send(message())).toMatchObject({ status: 202, body: { runId: 'r_1' } })
    expect(works).toMatchObject([
      {
        runId: 'r_1',
        action: 'restart',
        source: 'webhook',
        context: { inputs: { name: 'checkout' }, run: { id: 'r_1' } },
        invocationMethod: { type: 'WEBHOOK', url: 'https://agent' },
      },
    ])
  })

  it('name their run also in a body of the action', async () => {
    const { send, works } = await start(done('accepted'))
    expect(await send('{"port_context": {"runId": "r_7"}, "x": 1}')).toMatchObject({ status: 202 })
    expect(works).toMatchObject([{ runId: 'r_7', message: { x: 1 } }])
  })

  it.each<[string, string, object, number, RegExp]>([
    ['another secret', message(), { secret: 'other' }, 401, /signature/i],
    ['an old signature', message(), { age: 3_600 }, 401, /signed 60 minutes ago/],
    ['no signature', message(), { headers: { 'x-port-signature': '' } }, 401, /missing|signature/i],
    ['no JSON', 'text', {}, 422, /JSON object/],
    ['no run', '{"a": 1}', {}, 422, /ID of a Port run/],
    ['more than Port sends', 'x'.repeat(1_100_000), {}, 413, /bytes/],
  ])('with %s are refused', async (_, body, options, status, said) => {
    const { send, works, refusals } = await start(done('success'))
    const response = await send(body, options)
    expect(response.status).toBe(status)
    expect(response.body.message).toMatch(said)
    expect(works).toEqual([])
    expect(refusals).toHaveLength(1)
    // The sender of an unsigned message must not be able to end a run.
    expect(refusals[0]).not.toHaveProperty('runId')
  })

  it.each([
    ['success', 200],
    ['failure', 500],
    ['unknown', 500],
    ['accepted', 202],
  ] as const)(
    'of synchronized actions can be told how the run ended: %s',
    async (result, status) => {
      const { send } = await start(done(result), { respond: 'finished' })
      expect((await send(message({ synchronized: true }))).status).toBe(status)
      expect((await send(message())).status).toBe(202)
    },
  )

  it('are accepted with the secret that is being replaced', async () => {
    const { send } = await start(done('success'), { secrets: ['new', 'old'] })
    expect((await send(message(), { secret: 'old' })).status).toBe(202)
  })

  it('fail their run if the agent stops before it has begun, and not if it may run', async () => {
    const [unbegun, begun, elsewhere, announced] = [0, 1, 2, 3].map(
      () => sandbox.createPortRun('deploy_service').id,
    )
    for (const id of [elsewhere, announced]) {
      await clientOf(sandbox).runs.update(id ?? '', { statusLabel: 'Starting on GitHub' })
    }
    const { send, refusals } = await start(async ({ runId }) => ({
      type: 'handed-over',
      ...(runId === begun && { begun: true }),
      ...(runId === announced && { announced: true }),
    }))
    for (const runId of [elsewhere, begun, unbegun, announced])
      await send(JSON.stringify({ runId }))
    expect(refusals).toMatchObject([
      { runId: unbegun, reason: 'stopped' },
      { runId: announced, reason: 'stopped' },
    ])
  })

  it('stay with who sent them while Port does not respond, and are not executed then', async () => {
    const nobody = 'http://127.0.0.1:1'
    const port = new PortClient({ clientId: 'id', clientSecret: 'secret', baseUrl: nobody })
    const { send, refusals } = await start(
      (_, stopped, signal) =>
        Promise.race([
          stopped,
          new Promise<Settlement>((resolve) =>
            signal?.addEventListener('abort', () => resolve({ type: 'handed-over' })),
          ),
        ]),
      { port },
    )
    expect(await send(message())).toMatchObject({ status: 503 })
    expect(refusals).toEqual([])
  })

  it('are no longer taken after a stop', async () => {
    const { stop, source } = await start(done('success'))
    await stop()
    expect(source.state.ready).toBe(false)
    await expect(fetch(source.address, { method: 'POST' })).rejects.toThrow()
  })

  it('that wait for room are written to the log of their run', async () => {
    const { id } = sandbox.createPortRun('deploy_service')
    const { send } = await start((_, stopped) => stopped)
    expect((await send(JSON.stringify({ runId: id }))).status).toBe(202)
    await expect.poll(() => linesOf(id)).toEqual([RECEIVED])
  })
})

describe('runs of an agent that has ended', () => {
  const AFTER = { orphanedAfter: 600 }

  it('and had begun them are given to be found, and never to be started', async () => {
    const { id } = sandbox.createPortRun('restart_deployment')
    const statusLabel = 'Calling the webhook (received by webhook)'
    await clientOf(sandbox).runs.update(id, { statusLabel })
    const { works } = await start(done('unknown'), AFTER)
    await expect
      .poll(() => works.filter(({ runId }) => runId === id))
      .toMatchObject([{ mayHaveBegun: 'yes' }])
  })

  it.each([
    ['received them', RECEIVED, true],
    ['taken them, to say that it stopped', `${TAKEN}0a1b2c3d).`, false],
  ])('and had only %s fail', async (_, message, mayBeOthers) => {
    const { id } = sandbox.createPortRun('deploy_service')
    await clientOf(sandbox).runs.addLog(id, { message })
    const { refusals } = await start(done('success'), AFTER)
    await expect
      .poll(() => refusals.filter(({ runId }) => runId === id))
      .toMatchObject([{ reason: 'orphaned', mayBeOthers }])
  })

  it('are found also while Port does not show others', async () => {
    // Whichever Port lists first.
    const [hidden, id, other] = [0, 1, 2].map(() => sandbox.createPortRun('deploy_service').id)
    const { send } = fetchTransport()
    const port = clientOf(sandbox, {
      send: (request) =>
        // Port says of it that it does not exist.
        send({
          ...request,
          url: request.url.replace(new RegExp(`(${hidden}|${other})/logs`), 'r_nothing/logs'),
        }),
    })
    for (const runId of [hidden, id, other]) {
      await clientOf(sandbox).runs.addLog(runId ?? '', { message: RECEIVED })
    }
    const { refusals } = await start(done('success'), { ...AFTER, port })
    await expect.poll(() => refusals.map(({ runId }) => runId)).toContain(id)
    expect(refusals.map(({ runId }) => runId)).not.toContain(hidden)
  })

  it('are not those that came here, that wait for something else, or that show progress', async () => {
    const port = clientOf(sandbox)
    const create = () => sandbox.createPortRun('deploy_service').id
    const [here, elsewhere, other, moving, last] = [
      create(),
      create(),
      create(),
      create(),
      create(),
    ]
    await port.runs.update(other, { statusLabel: 'Starting on GitHub' })
    const { send, works, refusals } = await start((_, stopped) => stopped, AFTER)
    await send(JSON.stringify({ runId: here }))
    await expect.poll(() => linesOf(here)).toEqual([RECEIVED])
    await port.runs.addLog(last, { message: RECEIVED })
    for (let step = 0; !refusals.some(({ runId }) => runId === last); step++) {
      await port.runs.update(moving, { statusLabel: `Step ${step} (received by webhook)` })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const settled = [...works, ...refusals].map(({ runId }) => runId)
    expect(settled.filter((id) => id === here)).toHaveLength(1)
    expect(settled).not.toContain(elsewhere)
    expect(settled).not.toContain(other)
    expect(settled).not.toContain(moving)
  })
})

function linesOf(runId: string): string[] {
  return sandbox.portRun(runId)?.logs.map(({ message }) => message) ?? []
}
