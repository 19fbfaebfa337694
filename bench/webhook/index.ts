// Webhooks a second through the library, beside bare node:http that sends the same signed request.
import { createHmac } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseRenderedMethod } from '@port-dispatch/core/action'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { compare } from '../throughput.ts'

const CALLS = 8_000
const GOAL = 0.7
const SECRET = 'client-secret'
const BODY = { service: 'checkout', environment: 'staging', version: '1.4.0' }

export async function run(): Promise<void> {
  console.log('\nwebhook: requests a second to a server in the same process')
  const server = createServer((incoming, response) => {
    incoming.resume()
    incoming.once('end', () => response.writeHead(202).end('{"ok":true}'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deploy`
  const agent = new Agent({ keepAlive: true })
  try {
    const ours = library(url)
    const bare = bareHttp(url, agent)
    await compare({ ours, bare, concurrency: 10, calls: 400, goal: GOAL })
    const rows: Record<string, Record<string, string>> = {}
    for (const concurrency of [1, 10, 100]) {
      rows[`${concurrency} at a time`] = await compare({
        ours,
        bare,
        concurrency,
        calls: CALLS,
        goal: GOAL,
      })
    }
    console.table(rows)
    console.log(`memory: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB resident`)
  } finally {
    agent.destroy()
    server.closeAllConnections()
    server.close()
  }
}

/** What a dispatch does beside its reports: plan, sign, send, read the response. */
function library(url: string): (index: number) => Promise<unknown> {
  const webhook = { clientSecret: SECRET, allowHosts: ['127.0.0.1'] }
  const dispatcher = new Dispatcher({ webhook })
  const method = parseRenderedMethod('WEBHOOK', { type: 'WEBHOOK', url, body: BODY })
  return async (index) => {
    const plan = await dispatcher.plan(method, { portRunId: `r_${index}` })
    return await plan.start()
  }
}

function bareHttp(url: string, agent: Agent): (index: number) => Promise<unknown> {
  return async (index) => {
    const body = JSON.stringify(BODY)
    const timestamp = Math.floor(Date.now() / 1000)
    const hmac = createHmac('sha256', SECRET).update(`${timestamp}.${body}`)
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': `r_${index}`,
        'x-port-timestamp': timestamp,
        'x-port-signature': `v1,${hmac.digest('base64')}`,
      },
    })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => text(response).then(resolve, reject))
    outgoing.end(body)
    return await promise
  }
}
