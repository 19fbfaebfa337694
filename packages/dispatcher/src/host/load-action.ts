import { existsSync } from 'node:fs'
import { InputError, phrase, setting } from '@port-dispatch/core'
import { type Action, parseAction, terraformProblem } from '@port-dispatch/core/action'
import type { PortClient } from '@port-dispatch/core/port'
import { parseDocument, readDocument } from './documents.ts'

/** A document that holds an action. */
export interface LoadedDefinition {
  document: unknown
  /** As the user knows it: `The action deploy.json`. */
  subject: string
  /** Which action is meant. */
  identifier?: string
}

/**
 * Finds an action where the user says it is, see {@link loadDefinition}.
 *
 * @throws InputError if it is not there or not valid
 */
export async function loadAction(
  source: string,
  port: () => PortClient | undefined,
): Promise<Action> {
  const { document, subject, ...options } = await loadDefinition(source, port)
  return parseAction(document, subject, options)
}

/**
 * Reads the document that holds an action, where the user says it is.
 *
 * @param source inline JSON, a file, `-` for standard input, or the identifier of an action in Port; of a file with
 *   several actions `FILE#identifier` chooses one
 * @param port asked for an identifier; undefined if no credentials are set
 * @throws InputError if it is not there or cannot be parsed
 */
export async function loadDefinition(
  source: string,
  port: () => PortClient | undefined,
): Promise<LoadedDefinition> {
  if (/^\s*\{/.test(source)) {
    const document = await parseDocument(source, 'the inline text', 'The action', {
      excerpt: 'show',
    })
    return { document, subject: 'The action' }
  }
  const { file, identifier } = splitFragment(source)
  if (/\.(?:tf|hcl)$/i.test(file) && existsSync(file)) {
    throw new InputError(`The action ${file} is not valid:`, [terraformProblem])
  }
  if (file === '-' || existsSync(file) || !isIdentifier(file)) {
    const document = await readDocument(file, 'The action', { excerpt: 'show' })
    return {
      document,
      subject: `The action ${file}`,
      ...(identifier !== undefined && { identifier }),
    }
  }
  const client = port()
  if (!client) {
    throw new InputError('Cannot read the action:', [
      {
        path: source,
        found: 'there is no such file',
        advice: phrase`If it is the identifier of an action in Port, set ${setting('port.clientId')} and ${setting('port.clientSecret')}`,
      },
    ])
  }
  return {
    document: await client.actions.get(source),
    subject: `The action ${source} in Port`,
  }
}

/** A file whose own name holds a `#` is meant as it is. */
function splitFragment(source: string): { file: string; identifier?: string } {
  const at = source.lastIndexOf('#')
  if (at < 1 || existsSync(source)) return { file: source }
  return { file: source.slice(0, at), identifier: source.slice(at + 1) }
}

/** Port's identifiers; what ends like a file is meant as one. */
function isIdentifier(source: string): boolean {
  return /^[A-Za-z0-9@_.:\\=-]+$/.test(source) && !/\.(json|ya?ml)$/i.test(source)
}
