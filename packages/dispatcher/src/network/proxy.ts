import { BlockList, isIP } from 'node:net'
import { TransportFailure } from '@port-dispatch/core/http'
import type { Environment } from './environment.ts'

/** An HTTP proxy, as a variable of the environment names it. */
export interface ProxyServer {
  /** The variable, for messages: its value may hold a password. */
  variable: string
  /** `http:` or `https:`: how the proxy itself is reached. */
  protocol: 'http:' | 'https:'
  host: string
  port: number
  /** The value of `Proxy-Authorization`, if the address holds a user name. */
  authorization?: string
}

export type ProxyChoice =
  | { type: 'direct' }
  | { type: 'proxy'; proxy: ProxyServer }
  /** A proxy is set whose address cannot be used. `problem` does not contain the address. */
  | { type: 'unusable'; problem: string }

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Lower case takes precedence, as in curl; a proxy for HTTP serves
 * HTTPS as well if there is no other, as in Node.
 *
 * @returns chooses the way to a server
 */
export function proxiesFromEnvironment(env: Environment): (url: URL) => ProxyChoice {
  const plain = readProxy(env, ['http_proxy', 'HTTP_PROXY'])
  const secure = readProxy(env, ['https_proxy', 'HTTPS_PROXY'])
  const isExcluded = readExclusions(env.no_proxy || env.NO_PROXY || '')
  return (url) => {
    const choice = url.protocol === 'https:' && secure.type !== 'direct' ? secure : plain
    return choice.type === 'direct' || isExcluded(url) ? { type: 'direct' } : choice
  }
}

function readProxy(env: Environment, names: readonly string[]): ProxyChoice {
  const variable = names.find((name) => env[name]?.trim())
  const value = variable && env[variable]?.trim()
  if (!variable || !value) return { type: 'direct' }
  // curl, Go and others take an address without a scheme for an HTTP proxy.
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  const expected = 'Expected an address like http://proxy.example.com:3128'
  if (!url?.hostname) {
    return { type: 'unusable', problem: `${variable} is not a valid address. ${expected}` }
  }
  const { protocol, hostname, port, username, password } = url
  if (protocol !== 'http:' && protocol !== 'https:') {
    return {
      type: 'unusable',
      problem: `${variable} names a proxy of the type ${protocol.replace(/:$/, '')}, which is not supported. ${expected}`,
    }
  }
  return {
    type: 'proxy',
    proxy: {
      variable,
      protocol,
      host: unbracketed(hostname),
      port: port ? Number(port) : protocol === 'https:' ? 443 : 80,
      ...((username || password) && { authorization: basic(username, password) }),
    },
  }
}

/** `Basic` credentials from the user information of a URL. */
export function basic(username: string, password: string): string {
  const text = `${decoded(username)}:${decoded(password)}`
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`
}

/** The user information of a URL as it was meant. A `%` that begins no escape is a `%`. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The rules of `NO_PROXY`, separated by commas or blanks: `*` for all, a name for the host and everything below it (with
 * or without `.` or `*.` in front), an address, a range of addresses in CIDR notation, each but `*` and ranges with or
 * without a port.
 */
function readExclusions(list: string): (url: URL) => boolean {
  const names: { name: string; port: string | undefined }[] = []
  // Loaded with the first range: Node takes a while for it.
  let ranges: BlockList | undefined
  for (const rule of list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)) {
    if (rule === '*') return () => true
    const [, network = '', prefix = ''] = /^(.+)\/(\d+)$/.exec(rule) ?? []
    const family = isIP(network)
    if (family !== 0) {
      const bits = Number(prefix)
      if (bits <= (family === 4 ? 32 : 128)) {
        ranges ??= new BlockList()
        ranges.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6')
      }
      continue
    }
    // A bare IPv6 address has colons, but no port.
    const [, host = rule, port] =
      isIP(rule) === 6 ? [] : (/^(\[.+\]|[^:]+)(?::(\d+))?$/.exec(rule) ?? [])
    names.push({ name: unbracketed(host).replace(/^\*?\.+/, ''), port })
  }
  return ({ hostname, protocol, port }) => {
    const host = unbracketed(hostname.toLowerCase()).replace(/\.$/, '')
    const family = isIP(host)
    if (family !== 0 && ranges?.check(host, family === 4 ? 'ipv4' : 'ipv6')) return true
    const ownPort = port || (protocol === 'https:' ? '443' : '80')
    return names.some(
      (rule) =>
        (rule.port === undefined || rule.port === ownPort) &&
        (host === rule.name || (family === 0 && host.endsWith(`.${rule.name}`))),
    )
  }
}

/** `[::1]` -> `::1` */
function unbracketed(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/** `proxy.example.com:3128` */
export function nameOf({ host, port }: ProxyServer): string {
  return `${host}:${port}`
}

/** What a proxy that does not pass a request on means. The request has not reached the server. */
export function refusal(proxy: ProxyServer, status: number): TransportFailure {
  const name = `the proxy ${nameOf(proxy)} (${proxy.variable})`
  if (status === 407) {
    const what = proxy.authorization
      ? 'does not accept the user name and password in its address (407)'
      : 'requires a user name and a password (407); add them to its address'
    return new TransportFailure(`${name} ${what}`, { sent: false, kind: 'fixed' })
  }
  const isFixed = status < 500 && status !== 408 && status !== 429
  return new TransportFailure(`${name} refused to connect to the server (${status})`, {
    sent: false,
    kind: isFixed ? 'fixed' : 'passing',
  })
}
