import { InputError, PortDispatchError, type Setting } from '@port-dispatch/core'
import { BackendError } from './backend-error.ts'
import type { Token } from './connections.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * What a request sends as its credential. To be called before the request, so that a failure is never taken for one of
 * the request.
 *
 * @param name the setting that holds it, for messages
 * @throws InputError if a header cannot carry it, BackendError (effect `none`) if it cannot be had
 */
export async function secretOf(
  token: Token,
  name: Setting,
  { signal, refused }: { signal?: AbortSignal | undefined; refused?: string | undefined } = {},
): Promise<string> {
  if (typeof token === 'string') return checkedSecret(token, name)
  try {
    return checkedSecret(await unlessAborted(Promise.resolve(token(refused)), signal), name)
  } catch (error) {
    if (error instanceof PortDispatchError || signal?.aborted) throw error
    // The text of a foreign error may hold the secret.
    throw new BackendError(['Could not get the secret ', { setting: name }, '.'], { cause: error })
  }
}

/** @throws InputError if a header cannot carry the secret, which is not shown */
export function checkedSecret(secret: string, name: Setting): string {
  // A character of a header that is not visible ASCII is refused, or changed on the way.
  const bad = /[^\x21-\x7e]/.exec(secret)?.[0]
  if (bad === undefined && secret !== '') return secret
  throw new InputError('A credential cannot be used:', [
    {
      setting: name,
      found: secret === '' ? 'is empty' : `contains ${nameOf(bad)}`,
      advice: ADVICE,
    },
  ])
}

const ADVICE = 'Set it to the token alone, as it was issued'

function nameOf(character = ''): string {
  if (/[\r\n]/.test(character)) return 'a line break'
  if (/\s/.test(character)) return 'a blank'
  return 'a character that tokens do not have'
}
