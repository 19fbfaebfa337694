import { setOutput, setSecret } from '@actions/core'
import {
  InputError,
  isJsonObject,
  type Json,
  type JsonObject,
  type Problem,
} from '@port-dispatch/core'
import { contextInput } from '../inputs/context-input.ts'
import { textInput } from '../inputs/inputs.ts'
import { portCredentials } from '../inputs/port-from-inputs.ts'
import type { Environment } from '../this-job.ts'
import { decryptValue } from './decrypt-value.ts'

/** Decrypts what the input `decrypt` names in the context, into the output `decrypted`. */
export async function decryptInputs(env: Environment): Promise<void> {
  if (textInput('decrypt') === undefined) return
  const { context } = await contextInput(env)
  decryptFrom(context)
}

/**
 * As {@link decryptInputs}, for those who have the context.
 *
 * @returns the values, all of them masked
 * @throws InputError naming the paths that hold nothing, or nothing that Port encrypted
 */
export function decryptFrom(context: JsonObject): string[] {
  const paths = textInput('decrypt')
    ?.split(/[,\n]/)
    .map((path) => path.trim())
    .filter(Boolean)
  if (!paths || paths.length === 0) return []
  const { clientSecret } = portCredentials()
  const values: Record<string, string> = {}
  const problems: Problem[] = []
  for (const path of paths) {
    const encrypted = find(context, path)
    const name = path.slice(path.lastIndexOf('.') + 1)
    const value = typeof encrypted === 'string' ? decryptValue(encrypted, clientSecret) : undefined
    if (value !== undefined && !Object.hasOwn(values, name)) values[name] = mask(value)
    else problems.push({ path: `decrypt: ${path}`, found: explain(context, encrypted, value) })
  }
  if (problems.length > 0) throw new InputError('The inputs cannot be decrypted:', problems)
  setOutput('decrypted', JSON.stringify(values))
  return Object.values(values)
}

/** A path from the context, or from its `inputs`. */
function find(context: JsonObject, path: string): Json | undefined {
  const steps = path.split('.')
  return follow(context, steps) ?? follow(context.inputs, steps)
}

function follow(from: Json | undefined, steps: readonly string[]): Json | undefined {
  return steps.reduce<Json | undefined>(
    (at, step) => (isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined),
    from,
  )
}

/** The output is JSON, in which a value may look different: both forms are masked. */
function mask(value: string): string {
  for (const form of new Set([value, JSON.stringify(value).slice(1, -1)])) {
    if (form !== '') setSecret(form)
  }
  return value
}

function explain(
  context: JsonObject,
  encrypted: Json | undefined,
  value: string | undefined,
): string {
  if (value !== undefined) return 'two paths end alike; decrypt them in two steps'
  if (typeof encrypted === 'string') {
    return 'is not a value that Port encrypted with this clientSecret; use the credentials of the organization of the action, and "encryption": "aes256-gcm" in its user input'
  }
  const known = isJsonObject(context.inputs) ? Object.keys(context.inputs) : []
  return `${encrypted === undefined ? 'there is no such value' : 'is no string'}; the inputs of the context are ${known.join(', ') || 'empty'}`
}
