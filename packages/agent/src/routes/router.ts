import { STATUS_CODES } from 'node:http'
import {
  InputError,
  isJsonObject,
  type Json,
  type JsonObject,
  PortDispatchError,
} from '@port-dispatch/core'
import {
  parseRenderedMethod,
  type RenderedMethod,
  withActionType,
} from '@port-dispatch/core/action'
import { unsignedMessage } from '@port-dispatch/core/port'
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
      /** What chose the method, for the log: `route "Deploy"`. Absent: the message. */
      by?: string
      /** What a person should know of how it came about. No values of the message in it. */
      notes?: string[]
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
  /** What a person should know of how it came about. No values of the response in it. */
  notes?: string[]
}

/** What is reported of a response where no mapping says it: of a refusal, the status also as the summary. */
export async function plainReport({ response: { status } }: Exchange): Promise<MappedReport> {
  if (status >= 200 && status <= 299) return {}
  return { status: 'FAILURE', summary: refusalSummary(status) }
}

/** What a person reads of a response that is a refusal. */
export function refusalSummary(status: number): string {
  const reason = STATUS_CODES[status]
  return `The response was ${reason === undefined ? status : `${status} ${reason}`}.`
}

/** The webhook of such an action is the one that the agent has received. */
const ROUTELESS =
  'The action calls this agent, and nothing says what the agent should execute. Add a route for it to port-dispatch.yml.'

export interface MessageRouterOptions {
  /** The organization of `dispatch_workflow` where the message names none, as for an integration that has one. */
  githubOrg?: string | undefined
}

/** Types that are executed by other means than a request to their `url`. */
const WITHOUT_URL = new Set(['GITHUB', 'GITLAB', 'KAFKA', 'UPSERT_ENTITY', 'INTEGRATION_ACTION'])

/** Whether a method is executed without a `url`. */
export function isWithoutUrl({ type }: { type?: unknown }): boolean {
  return typeof type === 'string' && WITHOUT_URL.has(type)
}

/**
 * Executes the invocation method that the message holds. It is rendered already, so that nothing in it is a template.
 *
 * GITLAB and what has a `url` is sent what Port's agent sends without a mapping file: the pipeline gets the user inputs as
 * variables and the message as `port_payload`, a URL gets the message as body and no headers of the action.
 */
export function messageRouter({ githubOrg }: MessageRouterOptions = {}): Router {
  return {
    route: async ({ invocationMethod, message, source }) => {
      try {
        if (source === 'webhook' && invocationMethod.type === 'WEBHOOK') {
          return { type: 'refused', message: ROUTELESS }
        }
        const method = methodOf(invocationMethod, message, githubOrg)
        return {
          type: 'method',
          method,
          ...(method.type === 'WEBHOOK' && { interpret: plainReport }),
        }
      } catch (error) {
        return refusalOf(error)
      }
    },
  }
}

/** @throws what is no refusal */
export function refusalOf(error: unknown): Routed {
  if (!(error instanceof PortDispatchError)) throw error
  return { type: 'refused', message: error.message }
}

function methodOf(method: JsonObject, signed: JsonObject, githubOrg: string | undefined) {
  const { type, url } = method
  if (typeof type !== 'string') {
    throw new InputError('The run has no invocation method that can be executed:', [
      { path: 'type', found: type === undefined ? 'is missing' : `found ${JSON.stringify(type)}` },
    ])
  }
  const message = unsignedMessage(signed)
  if (type === 'GITLAB') return gitlabMethod(method, message)
  if (type === 'INTEGRATION_ACTION') {
    return parseRenderedMethod(type, withOrganization(method, githubOrg))
  }
  if (isWithoutUrl(method) || typeof url !== 'string') {
    return parseRenderedMethod(type, method)
  }
  const { body: _body, headers: _headers, ...fields } = method
  return webhookMethod(fields, message)
}

/**
 * A request with this body, whatever the type of the method that it is made of.
 *
 * @param body null: none is sent
 * @throws InputError if the fields are not those of a request
 */
export function webhookMethod(fields: JsonObject, body: Json): RenderedMethod {
  const method = parseRenderedMethod('WEBHOOK', { ...fields, type: 'WEBHOOK' }, 'The request')
  return { ...method, body } as RenderedMethod
}

function gitlabMethod(method: JsonObject, message: JsonObject): RenderedMethod {
  const { omitPayload, omitUserInputs } = method
  const { properties } = isJsonObject(message.payload) ? message.payload : {}
  const inputs = omitUserInputs || !isJsonObject(properties) ? {} : properties
  const { pipelineVariables } = method
  const rendered = parseRenderedMethod('GITLAB', {
    ...method,
    // Port's agent does not know the variables of newer definitions, which say more than the bare inputs.
    pipelineVariables: { ...inputs, ...(isJsonObject(pipelineVariables) && pipelineVariables) },
  })
  const triggerPayload = { port_payload: omitPayload ? {} : message }
  return { ...rendered, triggerPayload } as RenderedMethod
}

const PROPERTIES = 'integrationActionExecutionProperties'

/** An integration knows the organization that it is installed for; here the settings say it. */
function withOrganization(given: JsonObject, org: string | undefined): JsonObject {
  const method = withActionType(given)
  if (org === undefined || method.integrationActionType !== 'dispatch_workflow') return method
  const properties = method[PROPERTIES]
  if (!isJsonObject(properties)) return method.org ? method : { ...method, org }
  if (properties.org || method.org) return method
  return { ...method, [PROPERTIES]: { ...properties, org } }
}
