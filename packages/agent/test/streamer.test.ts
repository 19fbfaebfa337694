import { PortClient } from '@port-dispatch/core/port'
import { createRedactor } from '@port-dispatch/core/text'
import { createTransport } from '@port-dispatch/dispatcher/host'
import { describe, expect, it } from 'vitest'
import { Receiver } from '../../../test/support/receiver.ts'
import { createLog } from '../src/logging.ts'
import { setStreamer } from '../src/streamer.ts'

const TOKEN = { ok: true, accessToken: 'token', expiresIn: 3_600, tokenType: 'Bearer' }

/** Sets it at a Port that responds so. @returns what Port was sent, and the log */
async function setAt(status: number, path = '/v1/organization', signal = never) {
  await using receiver = await Receiver.start((response, request) => {
    const isRefused = request.path === path && status >= 400
    const error = { ok: false, error: 'refused', message: 'Invalid credentials.' }
    const body = request.path === '/v1/auth/access_token' ? TOKEN : { ok: true }
    response.writeHead(isRefused ? status : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isRefused ? error : body))
  })
  const lines: string[] = []
  const log = await createLog({
    format: 'json',
    redactor: createRedactor([]),
    stream: { write: (line) => void lines.push(line) },
  })
  const port = new PortClient({
    clientId: 'id',
    clientSecret: 'secret',
    baseUrl: receiver.url,
    transport: createTransport({}),
  })
  await setStreamer(port, 'POLLING', { log, signal })
  const sent = receiver.received.find((request) => request.path === '/v1/organization')
  return {
    sent: sent && { method: sent.method, body: JSON.parse(sent.body.toString()) },
    log: lines.map((line) => JSON.parse(line) as { level: string; msg: string }),
  }
}

const never = new AbortController().signal

describe('how Port hands out runs', () => {
  it('is set as port-agent sets it', async () => {
    const { sent, log } = await setAt(200)
    expect(sent).toEqual({
      method: 'PATCH',
      body: { settings: { portAgentStreamerName: 'POLLING' } },
    })
    expect(log).toMatchObject([{ level: 'info', portAgentStreamerName: 'POLLING' }])
  })

  it.each([403, 404, 422])(
    'stays as it is, with one warning, where Port responds %s',
    async (status) => {
      const { log } = await setAt(status)
      expect(log).toMatchObject([{ level: 'warn' }])
      expect(log[0]?.msg).toMatch(
        /^Port refused to set how runs are handed out to agents \(POLLING\): \d+ Invalid credentials\..* Port hands out runs for agents as it did before\.$/,
      )
    },
  )

  it('is not a second message about wrong credentials', async () => {
    expect(await setAt(401, '/v1/auth/access_token')).toEqual({ sent: undefined, log: [] })
  })

  it('is no concern of an agent that stops', async () => {
    const { log } = await setAt(200, '', AbortSignal.abort(new Error('stop')))
    expect(log).toEqual([])
  })
})
