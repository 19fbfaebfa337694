import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { outliveConnections } from '../../src/backends/kafka/load-kafka.ts'

it('an error of a connection to Kafka that nobody waits for does not end the process', () => {
  const client = new EventEmitter()
  const connection = new EventEmitter()
  outliveConnections(client)
  client.emit('client:broker:connect', { connection })
  // An emitter without a listener throws.
  expect(() => connection.emit('error', new Error('read ECONNRESET'))).not.toThrow()
})
