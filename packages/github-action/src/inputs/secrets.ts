import { setSecret } from '@actions/core'
import type { JsonObject } from '@port-dispatch/core'
import { createRedactor, type Redactor, secretsOf } from '@port-dispatch/core/text'
import { SECRET_INPUTS, textInput } from './inputs.ts'

/**
 * Masks every value below `secrets` of the context in the log of the job, and makes a redactor for what leaves otherwise:
 * outputs, summaries, and what is reported to Port.
 *
 * @param others values that are secret too, and masked already
 */
export function hideSecrets(context: JsonObject, others: readonly string[]): Redactor {
  const own = secretsOf(context).filter((value) => value !== '')
  for (const value of own) setSecret(value)
  return createRedactor([...own, ...others, ...credentialInputs()])
}

/** The credentials that the inputs hold. */
export function credentialInputs(): string[] {
  return SECRET_INPUTS.flatMap((name) => textInput(name) ?? [])
}
