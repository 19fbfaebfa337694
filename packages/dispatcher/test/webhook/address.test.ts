import { InputError } from '@port-dispatch/core'
import { Http } from '@port-dispatch/core/http'
import { BackendError } from '@port-dispatch/dispatcher'
import { describe, expect, it } from 'vitest'
import { selfSigned } from '../../../../test/support/certificate.ts'
import { InstantClock } from '../../../../test/support/instant-clock.ts'
import { Receiver } from '../../../../test/support/receiver.ts'
import { AddressRefusal, refusedAddresses } from '../../src/backends/webhook/refused-addresses.ts'
import { createTransport } from '../../src/network/transport.ts'
import { failureOf, send } from './send.ts'

describe('addresses that a webhook must not reach', () => {
  it.each([
    ['127.0.0.1', 'a loopback address'],
    ['127.8.9.10', 'a loopback address'],
    ['::1', 'a loopback address'],
    ['::ffff:127.0.0.1', 'a loopback address'],
    ['::ffff:7f00:1', 'a loopback address'],
    ['64:ff9b::7f00:1', 'a loopback address'],
    ['2002:7f00:1::', 'a loopback address'],
    ['0.0.0.0', 'an unspecified address'],
    ['::', 'an unspecified address'],
    ['169.254.1.1', 'a link-local address'],
    ['fe80::1', 'a link-local address'],
    ['fe80::1%eth0', 'a link-local address'],
    ['169.254.169.254', 'the metadata service of a cloud'],
    ['::ffff:169.254.169.254', 'the metadata service of a cloud'],
    ['64:ff9b::a9fe:a9fe', 'the metadata service of a cloud'],
    ['fd00:ec2::254', 'the metadata service of a cloud'],
    ['100.100.100.200', 'the metadata service of a cloud'],
    ['168.63.129.16', 'the metadata service of a cloud'],
    ['224.0.0.1', 'an address of a group'],
    ['255.255.255.255', 'an address of a group'],
    ['ff02::1', 'an address of a group'],
  ])('%s is refused: %s', (address, kind) => {
    expect(() => refusedAddresses([])(address, 'hooks.example.com:443')).toThrow(kind)
  })

  it.each(['10.0.0.1', '192.168.1.1', '172.16.0.1', '8.8.8.8', 'fd12::1', '2606:4700::1111'])(
    '%s is not refused: it is what a webhook inside a network is for',
    (address) => {
      refusedAddresses([])(address, 'hooks.example.com:443')
    },
  )

  it.each([
    ['*', '127.0.0.1', 'a.example.com:80'],
    ['127.0.0.1', '127.0.0.1', 'a.example.com:80'],
    ['127.0.0.1', '::ffff:127.0.0.1', '[::ffff:7f00:1]:80'],
    ['127.0.0.1:8080', '127.0.0.1', '127.0.0.1:8080'],
    ['127.0.0.0/8', '127.9.9.9', 'a.example.com:80'],
    ['::1', '::1', '[::1]:80'],
    ['[::1]', '::1', '[::1]:80'],
    ['[::1]:80', '::1', '[::1]:80'],
    ['fe80::/10', 'fe80::1', '[fe80::1]:80'],
    ['localhost', '127.0.0.1', 'localhost:80'],
    ['LOCALHOST:80', '127.0.0.1', 'localhost:80'],
    ['*.example.com', '127.0.0.1', 'a.b.example.com:80'],
  ])('with %s allowed, %s is reached as %s', (rule, address, host) => {
    refusedAddresses([rule])(address, host)
  })

  it.each([
    ['127.0.0.1:8080', '127.0.0.1', '127.0.0.1:80'],
    ['127.0.0.2', '127.0.0.1', '127.0.0.1:80'],
    ['localhost', '127.0.0.1', 'localhost.example.com:80'],
    ['example.com', '127.0.0.1', 'a.example.com:80'],
    ['*.example.com', '127.0.0.1', 'example.com:80'],
    ['*.example.com', '127.0.0.1', 'badexample.com:80'],
    ['127.0.0.1', '169.254.169.254', 'metadata:80'],
  ])('with %s allowed, %s is still refused as %s', (rule, address, host) => {
    expect(() => refusedAddresses([rule])(address, host)).toThrow('must not reach')
  })

  it.each(['http://localhost', '10.0.0.0/64', 'a b', '[::1', '', '*.'])(
    'the entry %j cannot be read',
    (entry) => {
      expect(() => refusedAddresses([entry])).toThrow(InputError)
    },
  )
})

describe('a webhook to a refused address', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST.:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://0:PORT/',
  ])('is refused before anything is sent, by the path of the URL: %s', async (url) => {
    await using receiver = await Receiver.responding(202)

    const error = await failureOf({
      method: { url: url.replace('PORT', String(receiver.port)) },
      webhook: { allowHosts: [] },
    })

    expect(error).toBeInstanceOf(InputError)
    expect(error).toMatchObject({
      problems: [{ path: 'url', advice: expect.anything() }],
      message: expect.stringContaining('allow it with webhook.allowHosts'),
    })
    expect(receiver.received).toEqual([])
  })

  it('is not followed to one by a redirect', async () => {
    await using receiver = await Receiver.responding(307, '', {
      location: 'http://169.254.169.254/latest/meta-data/',
    })

    expect(await failureOf({ method: { url: receiver.url } })).toMatchObject({ status: 307 })
  })
})

describe('TLS', () => {
  it('trusts a certificate authority of its own, and shows a client certificate', async () => {
    const server = selfSigned()
    const client = selfSigned('DNS:client')
    await using receiver = await Receiver.start((response) => response.writeHead(202).end(), {
      ...server,
      requestCert: true,
      ca: client.cert,
    })

    const { started } = await send({
      method: { url: receiver.url },
      webhook: { ca: server.cert, ...client },
    })

    expect(started.type).toBe('accepted')
  })

  it('refuses a certificate that nobody vouches for, before anything is sent', async () => {
    await using receiver = await Receiver.start(
      (response) => response.writeHead(202).end(),
      selfSigned(),
    )

    const error = await failureOf({ method: { url: receiver.url } })

    expect(error).toBeInstanceOf(BackendError)
    expect(error).toMatchObject({
      effect: 'none',
      message: expect.stringContaining("the server's certificate is self-signed"),
    })
    expect(receiver.received).toEqual([])
  })
})

describe('the address of a name', () => {
  it('is checked when the connection is made, whatever the name resolved to before', async () => {
    await using receiver = await Receiver.responding(202)
    const checked: string[] = []
    const transport = createTransport(
      {},
      {
        checkAddress: (address, host) => {
          checked.push(`${host} ${address}`)
          // The first look is at the URL, the second one at what the name server says.
          if (checked.length > 1) throw new AddressRefusal(address, 'refused', host)
        },
      },
    )
    const url = `http://localhost:${receiver.port}/`

    const sent = new Http({ transport }).send(
      { method: 'POST', url },
      { repetition: 'once', deadline: Date.now() + 10_000 },
    )

    await expect(sent).rejects.toMatchObject({ effect: 'none', cause: expect.any(AddressRefusal) })
    expect(checked[1]).toMatch(/^localhost:\d+ (127\.0\.0\.1|::1)$/)
    expect(receiver.received).toEqual([])
  })

  it('that does not exist is an error at once', async () => {
    const clock = new InstantClock()

    const error = await failureOf({ method: { url: 'https://no-such-host.invalid/' }, clock })

    expect(error).toMatchObject({
      effect: 'none',
      message: 'POST https://no-such-host.invalid/ failed: the host name is unknown (ENOTFOUND).',
    })
    expect(clock.slept).toEqual([])
  })

  it('is not known where a proxy resolves it, but that in a URL is', async () => {
    await using proxy = await Receiver.responding(202)
    const webhook = { allowHosts: [], proxies: { HTTP_PROXY: proxy.url } }

    await send({ method: { url: 'http://hooks.example.com/' }, webhook })
    const error = await failureOf({ method: { url: 'http://169.254.169.254/' }, webhook })

    expect(error).toBeInstanceOf(InputError)
    expect(proxy.only.path).toBe('http://hooks.example.com/')
  })
})
