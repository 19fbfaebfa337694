import type { Sandbox } from '@port-dispatch/sandbox'

/** What Port was asked, in order; without the credentials of the sign-in. */
export function portCalls(sandbox: Sandbox): { call: string; body?: unknown }[] {
  return sandbox.exchanges
    .filter(({ service }) => service === 'port')
    .map(({ method, path, requestBody }) => ({
      call: `${method} ${path}`,
      ...(requestBody !== undefined && !path.endsWith('/access_token') && { body: requestBody }),
    }))
}
