import type { PortRuns } from './run-store.ts'

/** What the parts of Port's stand-in share. */
export interface PortAccess {
  readonly runs: PortRuns
  /** Answers a request whose token is valid. */
  readonly guard: (
    request: Request,
    handle: (clientId: string) => Response | Promise<Response>,
  ) => Promise<Response>
  /** The body of a request, within Port's limit. */
  readonly body: (request: Request) => Promise<unknown>
}
