import { setOutput, setSecret } from '@actions/core'
import {
  InputError,
  isJsonObject,
  type Json,
  type JsonObject,
  type Problem,
} from '@port-dispatch/core'
import { type Decryption, decryptValue } from '@port-dispatch/core/port'
import { contextInput } from '../inputs/context-input.ts'
import { textInput } from '../inputs/inputs.ts'
import { portCredentials } from '../inputs/port-from-inputs.ts'
import type { Environment } from '../this-job.ts'

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
  const values = decrypt(context)
  if (values.size === 0) return []
  setOutput('decrypted', JSON.stringify(Object.fromEntries(values)))
  return [...values.values()]
}

/**
 * The values that `decrypt` names in the context, all of them masked.
 *
 * @throws InputError as {@link decryptFrom}
 */
export function decryptedValues(context: JsonObject): string[] {
  return [...decrypt(context).values()]
}

function decrypt(context: JsonObject): Map<string, string> {
  const paths = textInput('decrypt')
    ?.split(/[,\n]/)
    .map((path) => path.trim())
    .filter(Boolean)
  const values = new Map<string, string>()
  if (!paths || paths.length === 0) return values
  const { clientSecret } = portCredentials()
  const problems: Problem[] = []
  for (const path of paths) {
    const encrypted = find(context, path)
    const name = path.slice(path.lastIndexOf('.') + 1)
    const decrypted = decryptValue(encrypted, { clientSecret })
    if (decrypted.ok && !values.has(name)) values.set(name, mask(decrypted.text))
    else problems.push(explain(context, path, encrypted, decrypted))
  }
  if (problems.length > 0) throw new InputError('The inputs cannot be decrypted:', problems)
  return values
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
  path: string,
  encrypted: Json | undefined,
  decrypted: Decryption,
): Problem {
  const where = `decrypt: ${path}`
  if (decrypted.ok) {
    return { path: where, found: 'two paths end alike; decrypt them in two steps' }
  }
  if (typeof encrypted === 'string') return { path: where, ...decrypted.problem }
  const known = isJsonObject(context.inputs) ? Object.keys(context.inputs) : []
  const found = encrypted === undefined ? 'there is no such value' : 'is not a string'
  return {
    path: where,
    found: `${found}; the inputs of the context are ${known.join(', ') || 'empty'}`,
  }
}
