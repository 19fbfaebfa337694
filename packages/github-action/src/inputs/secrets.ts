import { setSecret } from '@actions/core'
import type { JsonObject } from '@port-dispatch/core'
import { createRedactor, type Redactor, secretsOf } from '@port-dispatch/core/text'
import { credentialsOf, keyTexts } from '@port-dispatch/dispatcher/host'
import { SECRET_INPUTS, textInput } from './inputs.ts'

/** The runner then shows `***` wherever a log would show one of them. */
export function maskSecrets(): void {
  for (const secret of credentialInputs()) setSecret(secret)
}

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

/** The credentials that the inputs and the environment of the step hold. */
export function credentialInputs(): string[] {
  const inputs = SECRET_INPUTS.flatMap((name) => textInput(name) ?? [])
  const key = textInput('githubAppPrivateKey')
  return [...inputs, ...(key ? keyTexts(key) : []), ...credentialsOf(process.env)]
}
