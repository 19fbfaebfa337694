// Holds requests to the addresses that they are allowed to reach. What counts is the address that a connection is made to:
// a name can resolve to another one each time it is looked up.
import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { describeFailure, TransportFailure } from '@port-dispatch/core/http'

/**
 * Called with each address before a connection to it is made. Where a proxy makes the connection, only addresses that a
 * URL itself names are known.
 *
 * @param host of the URL, and the port: `hooks.example.com:443`
 * @throws TransportFailure to prevent the connection
 */
export type CheckAddress = (address: string, host: string) => void

/** `hooks.example.com:443` */
export function authority({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}

/** The address that a URL names. Nothing is looked up for it. */
export function addressIn({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0) return host
  return /^(.+\.)?localhost\.?$/.test(host) ? '127.0.0.1' : undefined
}

/** A lookup that fails if one of the addresses is refused. Its result is what the connection is made to. */
export function checkedLookup(checkAddress: CheckAddress, host: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error?.code === 'ENOTFOUND') {
        // Of a name that a template made, a misspelling is likelier than a name server that is late.
        return callback(
          new TransportFailure(describeFailure(error), { sent: false, kind: 'fixed' }),
          '',
        )
      }
      if (error) return callback(error, '')
      try {
        for (const { address } of addresses) checkAddress(address, host)
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, '')
      }
      if (options.all) return callback(null, addresses)
      const [{ address, family } = { address: '', family: 0 }] = addresses
      callback(null, address, family)
    })
  }
}
