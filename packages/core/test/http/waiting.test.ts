import { Http, TransportFailure, type Waiting } from '@port-dispatch/core/http'
import { expect, it } from 'vitest'

const request = { method: 'GET', url: 'https://api.prt.io/v1/x?secret=1' }
const response = { status: 200, headers: new Headers(), text: '{}' }

it('says why a request is sent again, and that it is over, without its path', async () => {
  const said: Waiting[] = []
  let attempts = 0
  const http = new Http({
    onWait: (waiting) => said.push(waiting),
    random: () => 0,
    transport: {
      send: async () => {
        if (++attempts > 1) return response
        throw new TransportFailure('the host name is unknown (ENOTFOUND)', { sent: false })
      },
    },
  })
  await http.send(request, { repetition: 'repeatable', deadline: Date.now() + 30_000 })
  expect(said).toMatchObject([
    { type: 'retry', host: 'api.prt.io', reason: 'the host name is unknown (ENOTFOUND)' },
    { type: 'over', host: 'api.prt.io' },
  ])
})

it('says nothing of a request that is answered at once', async () => {
  const said: Waiting[] = []
  const http = new Http({
    onWait: (waiting) => said.push(waiting),
    transport: { send: async () => response },
  })
  await http.send(request, { repetition: 'repeatable', deadline: Date.now() + 30_000 })
  expect(said).toEqual([])
})

it('says after two seconds that there is no response yet', async () => {
  const said: Waiting[] = []
  const slow = new AbortController()
  const { promise, resolve } = Promise.withResolvers<typeof response>()
  const http = new Http({
    clock: {
      now: () => 0,
      sleep: async () => {},
      timeout: (ms) => (ms === 2_000 ? slow.signal : new AbortController().signal),
    },
    onWait: (waiting) => said.push(waiting),
    transport: { send: () => promise },
  })
  const sent = http.send(request, { repetition: 'repeatable', deadline: 30_000 })
  slow.abort()
  expect(said).toEqual([{ type: 'slow', host: 'api.prt.io' }])
  resolve(response)
  await sent
  expect(said.at(-1)).toEqual({ type: 'over', host: 'api.prt.io' })
})
