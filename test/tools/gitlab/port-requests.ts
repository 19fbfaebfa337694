import type { Sandbox } from '@port-dispatch/sandbox'

/** What changed in Port, as `method path` and body. */
export function portRequests(sandbox: Sandbox): { call: string; body: unknown }[] {
  return sandbox.exchanges
    .filter(({ method, path }) => method !== 'GET' && path.startsWith('/v1/actions/'))
    .map(({ method, path, requestBody }) => ({ call: `${method} ${path}`, body: requestBody }))
}
