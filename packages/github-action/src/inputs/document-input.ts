import { isJsonObject, type JsonObject } from '@port-dispatch/core'
import { type DocumentOptions, parseDocument, readDocument } from '@port-dispatch/dispatcher/host'
import { badInput, type InputName, textInput } from './inputs.ts'

/**
 * An input that holds a JSON or YAML object.
 *
 * @throws InputError with line and column if it is neither, or no object
 */
export async function objectInput(name: InputName): Promise<JsonObject | undefined> {
  const text = textInput(name)
  if (text === undefined) return undefined
  const value = await parseDocument(text, name, `The input ${name}`)
  if (isJsonObject(value)) return value
  throw badInput(name, 'is not an object; expected JSON like {"environment": "staging"}, or YAML')
}

/**
 * An input that holds JSON or YAML, or the path of a file with it.
 *
 * @throws InputError with line and column if it is neither, or if there is no such file
 */
export async function documentInput(
  name: InputName,
  options: DocumentOptions = {},
): Promise<unknown> {
  const text = textInput(name)
  if (text === undefined) return undefined
  const subject = `The input ${name}`
  // A template that is the whole text looks like JSON to YAML.
  if (text.startsWith('{{')) return text
  return isInline(text)
    ? await parseDocument(text, name, subject, options)
    : await readDocument(text, subject, options)
}

/** Whether a text is a document rather than the name of one. */
export function isInline(text: string): boolean {
  return /^[{["']|\n|:\s/.test(text)
}
