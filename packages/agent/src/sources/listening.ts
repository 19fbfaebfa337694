import type { Server } from 'node:http'
import { InputError } from '@port-dispatch/core'
import { errorCode } from '@port-dispatch/core/http'

export interface Listening {
  host: string
  /** 0: a free one. */
  port: number
  scheme: 'http' | 'https'
  /** The variable that names the address. */
  variable: string
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'Ports below 1024 need more privileges: give a higher one',
  EADDRNOTAVAIL: 'Give an address that this machine has, such as 0.0.0.0',
  ENOTFOUND: 'Give an address that this machine has, such as 0.0.0.0',
}

/**
 * Waits until a server listens.
 *
 * @returns its address: `http://HOST:PORT`
 * @throws InputError if it cannot listen there
 */
export async function listening(
  server: Server,
  { host, port, scheme, variable }: Listening,
): Promise<string> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    const code = errorCode(error)
    const isInUse = code === 'EADDRINUSE'
    throw new InputError(
      'The agent cannot start:',
      [
        {
          path: variable,
          found: `${host}:${port} ${isInUse ? 'is in use' : `cannot be listened on (${code})`}`,
          advice: isInUse
            ? 'Give another address, or stop what listens there'
            : (ADVICE[code ?? ''] ?? 'Give another address'),
        },
      ],
      { cause: error },
    )
  }
  const address = server.address()
  const served = typeof address === 'object' && address ? address.port : port
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${served}`
}
