import { InputError } from '@port-dispatch/core'
import type { Redactor } from '@port-dispatch/core/text'
import { textInput } from '../../inputs/inputs.ts'
import { hideSecrets } from '../../inputs/secrets.ts'
import type { Environment } from '../../this-job.ts'

/** A redactor for what is sent to Port: it knows the credentials, and what `decrypt` made known to the job. */
export async function reportRedactor(env: Environment): Promise<Redactor> {
  if (textInput('decrypt') === undefined) return hideSecrets({}, [])
  const { decryptedValues } = await import('../decrypt.ts')
  const { contextInput } = await import('../../inputs/context-input.ts')
  try {
    const { context } = await contextInput(env)
    return hideSecrets(context, decryptedValues(context))
  } catch (error) {
    // What could not be decrypted is known to nobody, and the step has said so.
    if (!(error instanceof InputError)) throw error
    return hideSecrets({}, [])
  }
}
