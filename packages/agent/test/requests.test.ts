import { Http } from '@port-dispatch/core/http'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/support/certificate.ts'
import { Receiver } from '../../../test/support/receiver.ts'
import { Metrics } from '../src/metrics.ts'
import { backendTransport } from '../src/requests.ts'

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
