import { isJsonObject, type JsonObject, PortDispatchError } from '@port-dispatch/core'
import { parseRenderedMethod, type RenderedMethod } from '@port-dispatch/core/action'
import type { Exchange } from '@port-dispatch/dispatcher'
import type { Work } from '../work.ts'

/** Decides what is executed for a run. */
export interface Router {
  /** Must not throw for what a message holds: what cannot be executed is `refused`. */
  route(work: Work): Promise<Routed>
}

export type Routed =
  | {
      type: 'method'
      method: RenderedMethod
      /** What is reported of the response, where a mapping says so. Default: as the method says. */
      interpret?: Interpret
    }
  /** Nobody can execute it; `message` says why, for the log of the run. */
  | { type: 'refused'; message: string }

/** Makes of what a webhook responded what is reported. */
export type Interpret = (exchange: Exchange) => Promise<MappedReport>

/** What a mapping reports. Without a status the run goes on. */
export interface MappedReport {
  status?: 'SUCCESS' | 'FAILURE'
  link?: string | string[]
  summary?: string
  externalRunId?: string
}

/** The webhook of such an action is the one that the agent has received. */
const ROUTELESS =
  'The action calls this agent, and nothing says what the agent should execute. Add a route for it to port-dispatch.yml.'

export interface MessageRouterOptions {
  /** The organization of `dispatch_workflow` where the message names none, as for an integration that has one. */
  githubOrg?: string | undefined
}

/** Executes the invocation method that the message holds. It is rendered already, so that nothing in it is a template. */
export function messageRouter({ githubOrg }: MessageRouterOptions = {}): Router {
  return {
    route: async ({ invocationMethod, source }) => {
      try {
        const { type } = invocationMethod
        if (source === 'webhook' && type === 'WEBHOOK')
          return { type: 'refused', message: ROUTELESS }
        const method = withOrganization(invocationMethod, githubOrg)
        return { type: 'method', method: parseRenderedMethod(String(type), method) }
      } catch (error) {
        if (!(error instanceof PortDispatchError)) throw error
        return { type: 'refused', message: error.message }
      }
    },
  }
}

const PROPERTIES = 'integrationActionExecutionProperties'

/** An integration knows the organization that it is installed for; here the settings say it. */
function withOrganization(method: JsonObject, org: string | undefined): JsonObject {
  if (org === undefined || method.integrationActionType !== 'dispatch_workflow') return method
  const properties = method[PROPERTIES]
  if (!isJsonObject(properties) || properties.org) return method
  return { ...method, [PROPERTIES]: { ...properties, org } }
}
