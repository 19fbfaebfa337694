import { BlockList, isIP } from 'node:net'
import { InputError, type Phrase, phrase, setting } from '@port-dispatch/core'
import { TransportFailure } from '@port-dispatch/core/http'

/** A connection that was not made because of the address it would have reached. */
export class AddressRefusal extends TransportFailure {
  readonly advice: Phrase

  constructor(address: string, kind: string, host: string) {
    const what = host.includes(address) ? host : `${host}, which is ${address},`
    super(`${what} is ${kind}, which an action must not reach`, { sent: false, kind: 'fixed' })
    this.advice = phrase`If it is meant to, allow it with ${setting('webhook.allowHosts')}.`
  }
}

/** What only the machine that sends can reach, or what would tell it secrets. */
const REFUSED: readonly [kind: string, ranges: readonly string[]][] = [
  // AWS, Alibaba Cloud, Azure, Oracle Cloud, Google Cloud
  [
    'the metadata service of a cloud',
    [
      '169.254.169.254/32',
      'fd00:ec2::254/128',
      '100.100.100.200/32',
      '168.63.129.16/32',
      '192.0.0.192/32',
      'fd20:ce::254/128',
    ],
  ],
  ['a loopback address', ['127.0.0.0/8', '::1/128']],
  ['a link-local address', ['169.254.0.0/16', 'fe80::/10']],
  // Connecting to it reaches the machine itself.
  ['an unspecified address', ['0.0.0.0/8', '::/128']],
  ['an address of a group', ['224.0.0.0/4', '240.0.0.0/4', 'ff00::/8']],
]

/**
 * Refuses the addresses that a request from a template must not reach (SSRF), except those that are allowed.
 *
 * @param allowed hosts (`hooks.internal`, `*.example.com`), addresses and ranges (`10.0.0.7`, `127.0.0.0/8`, `[::1]`), each
 *   but ranges with or without a port, or `*` for all
 * @returns throws AddressRefusal for an address that is refused
 * @throws InputError if an entry cannot be read
 */
export function refusedAddresses(
  allowed: readonly string[],
): (address: string, host: string) => void {
  const rules = allowed.map(readRule)
  const unreadable = allowed.filter((_, index) => !rules[index])
  if (unreadable.length > 0) {
    throw new InputError(
      'The settings for webhooks are not valid:',
      unreadable.map((entry) => ({
        setting: 'webhook.allowHosts',
        found: `found ${JSON.stringify(entry)}`,
        expected: 'a host (hooks.example.com, *.example.com), an address or a range (10.0.0.0/8)',
      })),
    )
  }
  const refused = REFUSED.map(([kind, ranges]) => ({ kind, list: blockList(ranges) }))
  return (address, host) => {
    const plain = address.replace(/%.*$/, '')
    const addresses = [plain, ...embedded(plain)]
    for (const { kind, list } of refused) {
      if (!addresses.some((each) => holds(list, each))) continue
      if (rules.some((rule) => rule?.(plain, host))) return
      throw new AddressRefusal(plain, kind, host)
    }
  }
}

type Rule = (address: string, host: string) => boolean

function readRule(entry: string): Rule | undefined {
  const text = entry.trim().toLowerCase()
  if (text === '*') return () => true
  const range = /^\[?([^\]]+?)\]?\/(\d+)$/.exec(text)
  if (range) return rangeRule(range[1] ?? '', range[2] ?? '')
  const isBareIpv6 = isIP(text) === 6
  const [, name = '', port] = isBareIpv6
    ? ['', text]
    : (/^(\[.+\]|[^:\s/]+)(?::(\d{1,5}))?$/.exec(text) ?? [])
  const address = unbracketed(name)
  const matchesPort = (host: string) => port === undefined || portOf(host) === port
  if (isIP(address) !== 0) {
    const list = blockList([`${address}/${isIP(address) === 4 ? 32 : 128}`])
    return (reached, host) => matchesPort(host) && holds(list, reached)
  }
  const domain = name.replace(/^\*\./, '')
  if (!/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u.test(domain)) return undefined
  return (_address, host) => {
    const called = host.replace(/:\d+$/, '').replace(/\.$/, '')
    const isMatch = domain === name ? called === domain : called.endsWith(`.${domain}`)
    return isMatch && matchesPort(host)
  }
}

function rangeRule(network: string, prefix: string): Rule | undefined {
  const bits = Number(prefix)
  if (isIP(network) === 0 || bits > (isIP(network) === 4 ? 32 : 128)) return undefined
  const list = blockList([`${network}/${bits}`])
  return (address) => holds(list, address)
}

function portOf(host: string): string {
  return /:(\d+)$/.exec(host)?.[1] ?? ''
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    list.addSubnet(network, Number(bits), isIP(network) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

function holds(list: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

/** Prefixes of IPv6 in which an IPv4 address stands, and in which groups: NAT64, 6to4, and the mapped and compatible forms. */
const EMBEDDING: readonly [prefix: RegExp, first: number][] = [
  [/^64:ff9b:0:0:0:0:/, 6],
  [/^2002:/, 1],
  [/^0:0:0:0:0:(0|ffff):/, 6],
]

/** The IPv4 address that an IPv6 address leads to. */
function embedded(address: string): string[] {
  if (isIP(address) !== 6) return []
  const groups = expanded(address)
  const full = groups.map((group) => group.toString(16)).join(':')
  return EMBEDDING.filter(([prefix]) => prefix.test(full)).map(([, first]) => {
    const [high = 0, low = 0] = groups.slice(first)
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  })
}

/** The eight groups of an IPv6 address. */
function expanded(address: string): number[] {
  // The parser of URLs writes an IPv4 part as two groups.
  const text = unbracketed(new URL(`http://[${address}]`).hostname)
  const [head = '', tail] = text.split('::')
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((g) => parseInt(g, 16)))
  if (tail === undefined) return parse(head)
  const [before, after] = [parse(head), parse(tail)]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}
