import { createRequire } from 'node:module'
import { parse } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InputError } from '@port-dispatch/core'

export type KafkaModule = typeof import('@platformatic/kafka')

/**
 * Loads the Kafka client, which takes half a second and 100 MB, and is installed by those only who use Kafka: beside
 * port-dispatch, or in a folder that `NODE_PATH` names.
 *
 * @throws InputError if it is not installed
 */
export async function loadKafka(): Promise<KafkaModule> {
  try {
    return await import(/* webpackIgnore: true */ '@platformatic/kafka')
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  try {
    // Unlike import, require reads NODE_PATH. From the root there is no other folder to find it in.
    const { root } = parse(process.execPath)
    const path = createRequire(`${root}package.json`).resolve('@platformatic/kafka')
    return await import(/* webpackIgnore: true */ pathToFileURL(path).href)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new InputError(
      'An action of type KAFKA needs the package @platformatic/kafka:',
      [
        {
          path: '@platformatic/kafka',
          found: 'is not installed',
          advice:
            'Install it with port-dispatch: npm install @port-dispatch/cli @platformatic/kafka, or npx --package=@port-dispatch/cli --package=@platformatic/kafka port-dispatch …. Elsewhere, name the folder node_modules that has it in NODE_PATH.',
        },
      ],
      { cause: error },
    )
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const isModule = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  return isModule && `${error}`.includes('@platformatic/kafka')
}

/** What clients of the library emit when one of their connections is made. */
interface Connecting {
  on(
    event: 'client:broker:connect',
    listener: (payload: {
      connection: { on(event: 'error', listener: () => void): unknown }
    }) => void,
  ): unknown
}

/**
 * Lets a client outlive errors of its connections: the library listens to the first one of each only, and another, such as
 * a reset while TLS is closed, would end the process. What was under way on a connection fails by itself.
 */
export function outliveConnections(client: Connecting): void {
  client.on('client:broker:connect', ({ connection }) => void connection.on('error', () => {}))
}
