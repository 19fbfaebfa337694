import { InputError, type Problem } from '@port-dispatch/core'
import { PortClient } from '@port-dispatch/core/port'
import type { Environment } from './environment.ts'
import { addressProblem } from './server-address.ts'

export const PORT_ADDRESSES = 'https://api.port.io or https://api.us.port.io'

/** The Port client that the environment describes, or undefined if it holds no credentials at all. */
export function portClientIfConfigured(env: Environment): PortClient | undefined {
  return env.PORT_CLIENT_ID || env.PORT_CLIENT_SECRET ? portClient(env) : undefined
}

/**
 * The Port client that the environment describes.
 *
 * @throws InputError naming the variables that are missing or wrong
 */
export function portClient(env: Environment): PortClient {
  const { PORT_CLIENT_ID: clientId, PORT_CLIENT_SECRET: clientSecret, PORT_BASE_URL: baseUrl } = env
  const problems: Problem[] = []
  for (const name of ['PORT_CLIENT_ID', 'PORT_CLIENT_SECRET']) {
    if (!env[name]) {
      problems.push({
        path: name,
        found: 'is missing; in Port it is behind your picture, under Credentials',
      })
    }
  }
  const address = addressProblem('PORT_BASE_URL', baseUrl, PORT_ADDRESSES, 'encrypted')
  if (address) problems.push(address)
  if (problems.length > 0 || !clientId || !clientSecret) {
    throw new InputError('Port cannot be asked:', problems)
  }
  return new PortClient({ clientId, clientSecret, ...(baseUrl && { baseUrl }) })
}
