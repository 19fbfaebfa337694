import { parseRenderedMethod } from '@port-dispatch/core/action'
import { Http } from '@port-dispatch/core/http'
import { Dispatcher } from '@port-dispatch/dispatcher'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/support/certificate.ts'
import { Receiver } from '../../../test/support/receiver.ts'
import { Metrics } from '../src/metrics.ts'
import { backendTransport, countedWebhooks, portClient } from '../src/requests.ts'

const metrics = new Metrics(
  () => ({ starting: 0, followed: 0 }),
  () => [],
)

describe('a server whose certificate nobody has signed', () => {
  it('is called where it is GitLab and certificates of webhook receivers are not checked', async () => {
    const options = selfSigned()
    await using server = await Receiver.start((response) => response.end('{}'), options)
    const send = async (url: string, verification?: 'skip') => {
      const connections = { gitlab: { url }, webhook: { verification } }
      const http = new Http({ transport: backendTransport(connections, { env: {}, metrics }) })
      const response = http.send(
        { method: 'GET', url: `${server.url}/api/v4/x` },
        { repetition: 'once', deadline: Date.now() + 30_000 },
      )
      return await response.then(
        ({ status }) => status,
        ({ message }) => message,
      )
    }
    expect(await send(`${server.url}/`, 'skip')).toBe(200)
    expect(await send(server.url)).toMatch(/certificate/)
    // Another server, such as GitHub.
    expect(await send('https://gitlab.example.com', 'skip')).toMatch(/certificate/)
  })
})

describe('the metrics', () => {
  /** Turned away twice, then taken. */
  const busyAtFirst = () => {
    let calls = 0
    return Receiver.start((response) => {
      const isBusy = calls++ < 2
      response.writeHead(isBusy ? 503 : 200, { 'retry-after': '0' })
      response.end(JSON.stringify({ ok: true, accessToken: 't', expiresIn: 9_999, tokenType: 'B' }))
    })
  }

  it('count what webhooks respond, and what is sent again', async () => {
    await using server = await busyAtFirst()
    const counts = new Metrics(() => ({ starting: 0, followed: 0 }))
    const connections = countedWebhooks({ webhook: { allowHosts: ['127.0.0.1'] } }, counts)
    const method = parseRenderedMethod('WEBHOOK', { type: 'WEBHOOK', url: server.url })
    const plan = await new Dispatcher(connections).plan(method, { portRunId: 'r_1' })
    await plan.start()
    const text = await counts.registry.metrics()
    expect(text).toContain('requests_total{server="webhook",status="503"} 2')
    expect(text).toContain('requests_total{server="webhook",status="200"} 1')
    expect(text).toContain('retries_total{server="webhook"} 2')
  })

  it('count a webhook without a response as failed', async () => {
    const counts = new Metrics(() => ({ starting: 0, followed: 0 }))
    await using server = await Receiver.start((response) => response.destroy())
    const connections = countedWebhooks({ webhook: { allowHosts: ['127.0.0.1'] } }, counts)
    const method = parseRenderedMethod('WEBHOOK', { type: 'WEBHOOK', url: server.url })
    const plan = await new Dispatcher(connections).plan(method, { portRunId: 'r_1' })
    await expect(plan.start()).rejects.toThrow()
    const text = await counts.registry.metrics()
    expect(text).toContain('requests_total{server="webhook",status="failed"} 1')
  })

  it('count what Port is sent again', async () => {
    await using server = await busyAtFirst()
    const counts = new Metrics(() => ({ starting: 0, followed: 0 }))
    const credentials = { clientId: 'id', clientSecret: 'secret', baseUrl: server.url }
    const log = pino({ enabled: false })
    const port = portClient(credentials, { env: {}, metrics: counts, log })
    await port.accessToken()
    expect(await counts.registry.metrics()).toContain('retries_total{server="port"} 2')
  })
})
