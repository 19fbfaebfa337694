import type { Server } from 'node:http'
import { InputError, type Setting } from '@port-dispatch/core'
import { errorCode } from '@port-dispatch/core/http'

export interface Listening {
  host: string
  /** 0: a free one. */
  port: number
  scheme: 'http' | 'https'
  setting?: Setting
}

/**
 * Waits until a server listens.
 *
 * @returns its address: `http://HOST:PORT`
 * @throws InputError if it cannot listen there
 */
export async function listening(
  server: Server,
  { host, port, scheme }: Listening,
): Promise<string> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    const code = errorCode(error)
    const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`
    throw new InputError(
      'The agent cannot start:',
      [
        {
          path: `${host}:${port}`,
          found: why,
          advice: 'Give another address, or stop what listens there',
        },
      ],
      { cause: error },
    )
  }
  const address = server.address()
  const served = typeof address === 'object' && address ? address.port : port
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${served}`
}
