import { isJsonObject, type Json, type JsonObject } from '@port-dispatch/core'
import {
  type DocumentOptions,
  parseDocument,
  readDocument,
  readJsonOrFile,
} from '@port-dispatch/dispatcher/host'
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
 * The input `output`: what later nodes of the workflow read. `null`, which `toJSON` makes of what is not there, is none.
 *
 * @throws InputError with line and column if it is not JSON, nor the path of a file with it
 */
export async function outputInput(): Promise<Json | undefined> {
  const text = textInput('output')
  if (text === undefined) return undefined
  return (await readJsonOrFile(text, 'output', 'The input output')) ?? undefined
}

/**
 * As {@link objectInput}, read as port-labs/port-github-action reads it: see {@link jsonInput}. `null` counts as nothing.
 *
 * @throws InputError with line and column if it is neither, or no object
 */
export async function jsonObjectInput(
  name: InputName,
  example = '{"environment": "staging"}',
): Promise<JsonObject | undefined> {
  const value = await jsonInput(name)
  if (value === undefined || value === null) return undefined
  if (isJsonObject(value)) return value
  throw badInput(name, `is not an object; expected JSON like ${example}`)
}

/**
 * An input that holds JSON or YAML. A string in the JSON may hold line breaks, which are left out: that is how
 * port-labs/port-github-action reads it, and workflows put texts of several lines in there.
 *
 * @throws InputError with line and column if it is neither
 */
export async function jsonInput(name: InputName): Promise<Json | undefined> {
  const text = textInput(name)
  if (text === undefined) return undefined
  for (const json of [
    text,
    text
      .split('\n')
      .map((line) => line.trim())
      .join(''),
  ]) {
    try {
      return JSON.parse(json)
    } catch {
      // The other form, or the parser that knows what is wrong, and where.
    }
  }
  return (await parseDocument(text, name, `The input ${name}`)) as Json
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
