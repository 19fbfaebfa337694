import { readFile } from 'node:fs/promises'
import { text as readText } from 'node:stream/consumers'
import { InputError } from '@port-dispatch/core'

/**
 * Reads a file as JSON or YAML.
 *
 * @param path of the file, `-` for standard input
 * @param subject what the file is for: `The action`
 * @throws InputError if it cannot be read, or is neither, with line and column
 */
export async function readDocument(path: string, subject: string): Promise<unknown> {
  const name = path === '-' ? 'standard input' : path
  let text: string
  try {
    text = path === '-' ? await readText(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : `${code}`
    throw new InputError(`${subject} cannot be read:`, [{ path: name, found: reason }], {
      cause: error,
    })
  }
  return await parseDocument(text, name, subject)
}

/**
 * Parses JSON or YAML.
 *
 * @param name of where the text comes from
 * @throws InputError with line and column
 */
export async function parseDocument(text: string, name: string, subject: string): Promise<unknown> {
  try {
    return JSON.parse(text)
  } catch {
    // YAML, or JSON with an error, of which the YAML parser knows line and column.
  }
  const { parseDocument: parseYaml } = await import('yaml')
  const document = parseYaml(text, { prettyErrors: true, stringKeys: true, logLevel: 'error' })
  const problems = document.errors.map(({ linePos, message }) => ({
    path: linePos ? `${name}:${linePos[0].line}:${linePos[0].col}` : name,
    found: explain(message.split('\n', 1)[0] ?? message),
  }))
  if (problems.length > 0) {
    throw new InputError(`${subject} is neither JSON nor YAML:`, problems)
  }
  return document.toJS()
}

function explain(message: string): string {
  if (message.startsWith('With stringKeys')) {
    return 'found an object as a key; put quotes around a template: "{{ … }}"'
  }
  return message.replace(/ at line \d+, column \d+:?$/, '')
}
