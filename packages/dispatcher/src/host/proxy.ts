import type { Environment } from './environment.ts'

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

/**
 * Makes `fetch` honour `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, which Node does not by itself. Loads nothing if no
 * proxy is set.
 *
 * @returns what to tell the user if a proxy is set and this version of Node cannot be made to use it
 */
export async function useProxy(env: Environment): Promise<string | undefined> {
  const name = PROXY_VARIABLES.find((variable) => env[variable])
  // Node does it by itself if asked at its start.
  if (!name || env.NODE_USE_ENV_PROXY === '1') return undefined
  const { setGlobalProxyFromEnv } = await import('node:http')
  // Node before 24.14 has no such function.
  if (typeof setGlobalProxyFromEnv !== 'function') {
    return `${name} is set, but Node ${process.version} does not use it unless NODE_USE_ENV_PROXY=1 is set too.`
  }
  try {
    setGlobalProxyFromEnv({ ...env })
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    // The value may hold a password.
    return `${name} cannot be used: ${reason.replaceAll(env[name] ?? '', '***')}. Expected an address like http://proxy.example.com:3128.`
  }
}
