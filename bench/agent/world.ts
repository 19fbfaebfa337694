// What is around agents while they are measured, in a process of its own: a Port that does nothing but keep runs, and the
// target that they call.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { signatureHeaders } from '@port-dispatch/core/port'

export const CREDENTIALS = { id: 'bench', secret: 'bench-secret' }

/** What is asked of this process. */
export type Order =
  /** Makes runs, hands them out, and says when all of them have ended. */
  {
    runs: number
    source: 'claim' | 'kafka' | 'webhook'
    delay: number
    pause: number
    agents: string[]
  }

/** What this process says. */
export type News =
  | { type: 'ready'; port: string; target: string }
  /** Runs for whoever produces them to Kafka. */
  | { type: 'made'; ids: string[] }
  | { type: 'done'; seconds: number; requests: number; twice: number; latencies: number[] }

interface Run {
  id: string
  status: string
  madeAt: number
  startedAt?: number
  starts: number
}

const runs = new Map<string, Run>()
const pending: string[] = []
let requests = 0
let open = 0
let delay = 0
let finish = () => {}
let made = 0

const target = createServer(async (request, response) => {
  await text(request)
  const run = runs.get(String(request.headers['idempotency-key']))
  if (run) {
    run.startedAt ??= performance.now()
    run.starts++
  }
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
})

const port = createServer(async (request, response) => {
  requests++
  const body = await text(request)
  answer(request, response, body === '' ? {} : JSON.parse(body))
})

function answer(request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>) {
  const send = (status: number, value: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const { method = '', url = '' } = request
  const path = url.replace(/\?.*/, '')
  if (path === '/v1/auth/access_token') {
    return send(200, { ok: true, accessToken: 'token', expiresIn: 10_800, tokenType: 'Bearer' })
  }
  if (path === '/v1/actions/runs/claim-pending') {
    const ids = pending.splice(0, Number(body.limit))
    return send(200, { ok: true, runs: ids.map((id) => ({ ...shown(id), payload: payload() })) })
  }
  if (path === '/v1/actions/runs/ack') {
    const ids = (body.runIds ?? [body.runId]) as string[]
    return send(200, { ok: true, ackedCount: ids.length })
  }
  if (path === '/v1/actions/runs') return send(200, { ok: true, runs: [] })
  if (path === '/v1/organization') return send(200, { ok: true })
  const [, id = '', rest] = /^\/v1\/actions\/runs\/([^/]+)(\/\w+)?$/.exec(path) ?? []
  const run = runs.get(id)
  if (!run) return send(404, { ok: false, error: 'not_found', message: 'There is no such run.' })
  const status = body.terminationStatus ?? body.status
  if (method !== 'GET' && typeof status === 'string' && run.status === 'IN_PROGRESS') {
    run.status = status
    if (--open === 0) finish()
  }
  return send(rest === '/logs' ? 201 : 200, { ok: true, run: shown(id) })
}

function shown(id: string) {
  return { id, status: runs.get(id)?.status, action: { identifier: 'bench' } }
}

function payload() {
  return {
    type: 'WEBHOOK',
    agent: true,
    synchronized: true,
    url: addressOf(target),
    method: 'POST',
  }
}

process.on('message', async ({ runs: count, source, delay: ms, pause, agents }: Order) => {
  delay = ms
  open = count
  const before = requests
  const begin = performance.now()
  const ended = new Promise<void>((resolve) => {
    finish = resolve
  })
  const ids: string[] = []
  const make = () => {
    const id = `r_bench${made++}`
    ids.push(id)
    runs.set(id, { id, status: 'IN_PROGRESS', madeAt: performance.now(), starts: 0 })
    return id
  }
  if (source === 'claim' || source === 'kafka') {
    for (let i = 0; i < count; i++) {
      const id = make()
      if (source === 'claim') pending.push(id)
      else if (pause > 0) tell({ type: 'made', ids: [id] })
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    }
    if (source === 'kafka' && pause === 0) tell({ type: 'made', ids })
  } else {
    let next = 0
    const sender = async () => {
      while (next < count) {
        next++
        await sendTo(agents[next % agents.length] ?? '', make())
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
      }
    }
    await Promise.all(Array.from({ length: pause > 0 ? 1 : 64 }, sender))
  }
  await ended
  const seconds = (performance.now() - begin) / 1000
  const ours = ids.flatMap((id) => runs.get(id) ?? [])
  tell({
    type: 'done',
    seconds,
    requests: requests - before,
    twice: ours.filter(({ starts }) => starts > 1).length,
    latencies: ours.map(({ startedAt = Number.NaN, madeAt }) => startedAt - madeAt),
  })
})

async function sendTo(agent: string, id: string): Promise<void> {
  const body = JSON.stringify({ context: { runId: id }, headers: {} })
  const timestamp = Math.floor(Date.now() / 1000)
  const headers = signatureHeaders({ secret: CREDENTIALS.secret, timestamp, body })
  const response = await fetch(agent, { method: 'POST', body, headers })
  if (!response.ok) throw new Error(`The agent responded with ${response.status}.`)
  await response.arrayBuffer()
}

function tell(news: News): void {
  process.send?.(news)
}

function addressOf(server: typeof port): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

for (const server of [port, target]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
}
process.once('disconnect', () => process.exit())
tell({ type: 'ready', port: addressOf(port), target: addressOf(target) })
