import type { Problem } from '@port-dispatch/core'

const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/

/**
 * What is wrong with the address of a server that is sent credentials.
 *
 * @param name of the variable that holds it
 * @param expected an example, or several
 * @param transport `encrypted` if plain HTTP is refused, but for this machine
 * @returns undefined if nothing is
 */
export function addressProblem(
  name: string,
  value: string | undefined,
  expected: string,
  transport: 'encrypted' | 'any' = 'any',
): Problem | undefined {
  if (!value) return undefined
  const refuse = (found: string): Problem => ({
    path: name,
    found: `found ${found}; expected an address like ${expected}`,
  })
  const url = URL.parse(value)
  if (!url || !/^https?:$/.test(url.protocol)) return refuse(JSON.stringify(value))
  // Never show it: the password is in it.
  if (url.username || url.password) return refuse('an address with a user name or password in it')
  if (transport === 'encrypted' && url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return refuse(`${JSON.stringify(value)}, to which the client secret would go unencrypted`)
  }
  return undefined
}
