import { createServer } from 'node:net'
import { parseAction, parseTriggerData } from '@port-dispatch/core/action'
import { Dispatcher, dispatch, type KafkaConnection } from '@port-dispatch/dispatcher'
import { connectionsFromEnvironment } from '@port-dispatch/dispatcher/host'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/support/certificate.ts'

/** Dispatches to a broker, of which only counts whether anything connected to it. */
async function dispatched(connection: KafkaConnection) {
  let connections = 0
  const broker = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve))
  const address = broker.address()
  const port = typeof address === 'object' ? address?.port : 0
  const kafka = { brokers: [`127.0.0.1:${port}`], topic: 'runs', ...connection }
  const error = await dispatch({
    dispatcher: new Dispatcher({ kafka }),
    action: parseAction({ type: 'KAFKA', payload: { service: 'checkout' } }),
    triggerData: parseTriggerData({ run: { id: 'r_1' } }),
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  await new Promise((resolve) => broker.close(resolve))
  return { error, connections }
}

describe('settings for Kafka', () => {
  it.each<[KafkaConnection, string]>([
    [{ username: 'port' }, 'kafka.password: is missing, but kafka.username is set'],
    [{ password: 'secret-1' }, 'kafka.username: is missing, but kafka.password is set'],
    [{ protocol: 'SASL_SSL' }, 'kafka.username: is missing, but kafka.protocol is SASL_SSL'],
    [
      { username: 'port', password: 'secret-1', protocol: 'PLAINTEXT' },
      'kafka.protocol: is PLAINTEXT, which does not send',
    ],
    [
      { username: 'port', password: 'secret-1', protocol: 'SSL' },
      'expected SASL_SSL or SASL_PLAINTEXT',
    ],
    [
      { brokers: ['kafka://broker:9092'] },
      'kafka.brokers: found "kafka://broker:9092"; expected host:port',
    ],
    [{ brokers: ['good:9092', 'broker:99999'] }, 'kafka.brokers: found "broker:99999"'],
    [{ brokers: ['broker:0'] }, 'kafka.brokers: found "broker:0"'],
    [
      { brokers: ['user:secret-1@broker:9092'] },
      'kafka.brokers: found an address with credentials',
    ],
    [{ topic: 'a b/c' }, 'kafka.topic: found "a b/c"'],
    [{ topic: '..' }, 'kafka.topic: found ".."'],
    [{ topic: 'x'.repeat(250) }, 'kafka.topic: found "xxx'],
  ])('%j are refused before anything is connected to', async (connection, message) => {
    const { error, connections } = await dispatched(connection)
    expect(error).toMatchObject({ code: 'INPUT' })
    expect(`${error}`).toContain(message)
    expect(`${error}`).not.toContain('secret-1')
    expect(connections).toBe(0)
  })
})

describe('a certificate of a client and its key', () => {
  it.each([
    ['PORT_DISPATCH_WEBHOOK_CERT', 'webhook.key: is missing, but webhook.cert is set'],
    ['PORT_DISPATCH_WEBHOOK_KEY', 'webhook.cert: is missing, but webhook.key is set'],
  ])('are given together (%s)', (name, message) => {
    expect(() => connectionsFromEnvironment({ [name]: '-----BEGIN x' })).toThrow(message)
  })
})

describe('a certificate or key that cannot be read', () => {
  const BROKEN = '-----BEGIN CERTIFICATE-----\nsecret-of-pem\n-----END CERTIFICATE-----'
  it.each([
    ['KAFKA_SSL_CA', 'kafka.ca: is not a certificate'],
    ['PORT_DISPATCH_WEBHOOK_CA', 'webhook.ca: is not a certificate'],
    ['PORT_DISPATCH_WEBHOOK_CERT', 'webhook.cert: is not a certificate'],
    ['PORT_DISPATCH_WEBHOOK_KEY', 'webhook.key: is not a private key without a passphrase'],
  ])('is refused by its setting, and not shown (%s)', (name, message) => {
    const { cert, key } = selfSigned()
    const pair = {
      ...(name.endsWith('CERT') && { PORT_DISPATCH_WEBHOOK_KEY: key }),
      ...(name.endsWith('KEY') && { PORT_DISPATCH_WEBHOOK_CERT: cert }),
    }
    const read = () => connectionsFromEnvironment({ ...pair, [name]: BROKEN })
    expect(read).toThrow(message)
    expect(read).not.toThrow('secret-of-pem')
  })
})
