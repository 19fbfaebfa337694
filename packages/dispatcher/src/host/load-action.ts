import { existsSync } from 'node:fs'
import { InputError } from '@port-dispatch/core'
import { type Action, parseAction } from '@port-dispatch/core/action'
import type { PortClient } from '@port-dispatch/core/port'
import { parseDocument, readDocument } from './documents.ts'

/**
 * Finds an action where the user says it is.
 *
 * @param source inline JSON, a file, `-` for standard input, or the identifier of an action in Port
 * @param port asked for an identifier; undefined if no credentials are set
 * @throws InputError if it is not there or not valid
 */
export async function loadAction(
  source: string,
  port: () => PortClient | undefined,
): Promise<Action> {
  if (/^\s*\{/.test(source)) {
    return parseAction(await parseDocument(source, 'the inline text', 'The action'), 'The action')
  }
  if (source === '-' || existsSync(source) || !isIdentifier(source)) {
    return parseAction(await readDocument(source, 'The action'), `The action ${source}`)
  }
  const client = port()
  if (!client) {
    throw new InputError('The action cannot be read:', [
      {
        path: source,
        found:
          'there is no such file. If it is the identifier of an action in Port, set PORT_CLIENT_ID and PORT_CLIENT_SECRET',
      },
    ])
  }
  return parseAction(await client.getAction(source), `The action ${source} in Port`)
}

/** Port's identifiers; what ends like a file is meant as one. */
function isIdentifier(source: string): boolean {
  return /^[A-Za-z0-9@_.:\\=-]+$/.test(source) && !/\.(json|ya?ml)$/i.test(source)
}
