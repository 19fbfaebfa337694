import { type Sandbox, type SandboxOptions, startSandbox } from '@port-dispatch/sandbox'
import { libraryNameIn } from '../support/setting-names.ts'
import { checkExchange } from './contract.ts'

/**
 * Starts a sandbox that checks every request it receives, and every answer it gives, against the API
 * descriptions in this folder, and that no run in Port speaks of settings as the library does. `close()` throws if
 * anything did not fit, and names it.
 */
export async function startCheckedSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const violations = new Set<string>()
  const sandbox = await startSandbox({
    ...options,
    onExchange: (exchange) => {
      for (const violation of checkExchange(exchange)) violations.add(violation)
      const { service, method, path, requestText } = exchange
      const name = service === 'port' ? libraryNameIn(requestText) : undefined
      if (name) violations.add(`${method} ${path} shows people "${name}": ${requestText}`)
      options.onExchange?.(exchange)
    },
  })
  const close = sandbox.close
  return Object.assign(sandbox, {
    close: async () => {
      await close()
      if (violations.size > 0)
        throw new Error(`The API descriptions do not allow this:\n${[...violations].join('\n')}`)
    },
  })
}
