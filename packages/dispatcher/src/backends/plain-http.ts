const LOOPBACK = /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/

/** Whether what is sent to an address leaves this machine unencrypted. */
export function isPlainHttp(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === 'http:' && !LOOPBACK.test(url.hostname)
}

/**
 * What to warn of before a token is sent to an address. It is no mistake: servers in closed networks have no certificates.
 *
 * @param backend its name for people
 */
export function plainHttpWarnings(backend: string, address: string): string[] {
  if (!isPlainHttp(address)) return []
  return [
    `${backend} is called at ${new URL(address).origin}, without encryption: everyone on the way can read the token and the values that are sent. Use an address that begins with https://.`,
  ]
}
