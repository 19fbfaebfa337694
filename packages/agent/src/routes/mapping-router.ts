// Executes what a mapping file of Port's agent says: the first entry that is enabled makes the request.
import { isJsonObject, type Json, type JsonObject } from '@port-dispatch/core'
import { unsignedMessage } from '@port-dispatch/core/port'
import type { Work } from '../work.ts'
import { decryptFields } from './decrypt-fields.ts'
import { type MappedRequest, mappedReport } from './mapped-report.ts'
import type { Mapping, MappingEntry } from './mapping-file.ts'
import { evaluated, resultOf } from './mapping-programs.ts'
import {
  isWithoutUrl,
  plainReport,
  type Routed,
  type Router,
  refusalOf,
  webhookMethod,
} from './router.ts'

export interface MappingRouterOptions {
  /** Decrypts the fields that `fieldsToDecryptPaths` names. */
  clientSecret: string
  /** Executes what an entry gives no URL for, if its method has none either: GITHUB, GITLAB, … */
  byMethod: Router
}

export function mappingRouter(mapping: Mapping, options: MappingRouterOptions): Router {
  return {
    route: async (work) => {
      try {
        return await route(work, mapping, options)
      } catch (error) {
        return refusalOf(error)
      }
    },
  }
}

async function route(
  work: Work,
  mapping: Mapping,
  { clientSecret, byMethod }: MappingRouterOptions,
): Promise<Routed> {
  const received = unsignedMessage(work.message)
  const entry = await firstEnabled(mapping, received)
  if (!entry) {
    const message = `No entry of the mapping file ${mapping.name} matches this run, so that nothing is executed.`
    return { type: 'refused', message }
  }
  const by = `entry ${entry.index} of the mapping file`
  const { message, notes: decryption } = decryptFields(received, entry, clientSecret)
  const { value, notes: failures } = await evaluated(
    { ...entry.request },
    entry.requestPrograms,
    message,
    entry.index,
  )
  const notes = [...decryption, ...failures]
  const { url = work.invocationMethod.url ?? null } = value
  if (typeof url !== 'string' || url === '') {
    if (isWithoutUrl(work.invocationMethod)) {
      const routed = await byMethod.route({ ...work, message })
      return routed.type === 'method' ? { ...routed, by, notes } : routed
    }
    const reason = entry.request.url === undefined ? 'the action has none' : 'its program gave none'
    return { type: 'refused', message: `The ${by} has no url for this run: ${reason}.` }
  }
  const request = requestOf(value, url, work.invocationMethod, message)
  const method = webhookMethod(
    {
      url: withQuery(request.url, request.query),
      method: request.method,
      headers: request.headers,
      agent: true,
      synchronized: work.invocationMethod.synchronized ?? false,
    },
    request.body,
  )
  const isSynchronized = method.type === 'WEBHOOK' && method.synchronized
  return {
    type: 'method',
    method,
    by,
    notes,
    interpret: async (exchange) =>
      entry.report
        ? await mappedReport(entry, exchange, { message, request, isSynchronized })
        : await plainReport(exchange),
  }
}

function requestOf(
  value: Readonly<Record<string, Json>>,
  url: string,
  invocationMethod: JsonObject,
  message: JsonObject,
): MappedRequest {
  const method = value.method ?? invocationMethod.method ?? 'POST'
  return {
    url,
    method: typeof method === 'string' && method !== '' ? method : 'POST',
    headers: isJsonObject(value.headers) ? value.headers : {},
    query: value.query ?? {},
    body: value.body === undefined ? message : value.body,
  }
}

async function firstEnabled(
  { entries, conditions }: Mapping,
  message: JsonObject,
): Promise<MappingEntry | undefined> {
  const lookUp = await conditions.evaluate(message)
  return entries.find(({ enabled, index }) => {
    if (typeof enabled === 'boolean') return enabled
    return resultOf(lookUp(enabled), index, 'enabled').value === true
  })
}

/** Adds parameters to a URL: text as it is, of an object each entry, of a list in it each item; null adds nothing. */
function withQuery(url: string, query: Json): string {
  const text = typeof query === 'string' ? query : parameters(query)
  if (text === '') return url
  const [address = '', ...fragment] = url.split('#')
  const joint = address.includes('?') ? (/[?&]$/.test(address) ? '' : '&') : '?'
  return [`${address}${joint}${text}`, ...fragment].join('#')
}

function parameters(query: Json): string {
  if (!isJsonObject(query)) return ''
  const pairs = Object.entries(query).flatMap(([key, value]): [string, string][] =>
    [value].flat().flatMap((item) => (item === null ? [] : [[key, parameter(item)]])),
  )
  return new URLSearchParams(pairs).toString()
}

/** Port's agent writes booleans as Python does, and its targets have learned to read them so. */
function parameter(value: Json): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
