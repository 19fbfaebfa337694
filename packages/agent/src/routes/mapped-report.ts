import type { Json, JsonObject } from '@port-dispatch/core'
import { parseBody } from '@port-dispatch/core/http'
import type { Exchange } from '@port-dispatch/dispatcher'
import type { MappingEntry } from './mapping-file.ts'
import { evaluated } from './mapping-programs.ts'
import { type MappedReport, refusalSummary } from './router.ts'

/** A request as the programs of a report see it. */
export interface MappedRequest {
  method: string
  url: string
  headers: JsonObject
  query: Json
  body: Json
}

/** What was sent, and for what. */
export interface Sent {
  message: JsonObject
  request: MappedRequest
  isSynchronized: boolean
}

/**
 * What the `report` of an entry makes of a response. Its programs see `{body, request, response: {statusCode, headers, text,
 * json}}`; `body` is the message. A field without a program, or whose program gives null, is not reported, except that
 * a request that failed always ends the run, and a synchronized one that succeeded does where no program says otherwise.
 *
 * @throws PortDispatchError (`LIMIT`) if a program was not evaluated to its end
 */
export async function mappedReport(
  { report = {}, reportPrograms, index }: MappingEntry,
  { response }: Exchange,
  { message, request, isSynchronized }: Sent,
): Promise<MappedReport> {
  const input = { body: message, request: { ...request }, response: seenResponse(response) }
  const { value, notes } = await evaluated({ ...report }, reportPrograms, input, index)
  const isOk = response.status >= 200 && response.status <= 299
  const fields: MappedReport = {}
  const ignore = (field: string, expected: string) => {
    notes.push(
      `report.${field} of entry ${index} of the mapping file is not ${expected} and is not reported.`,
    )
  }

  const { status = null, link = null, summary = null, externalRunId = null } = value
  if (status === 'SUCCESS' || status === 'FAILURE') fields.status = status
  else if (status !== null) ignore('status', 'SUCCESS or FAILURE')
  if (!fields.status && !isOk) fields.status = 'FAILURE'
  if (isOk && isSynchronized && report.status === undefined) fields.status = 'SUCCESS'

  if (isLink(link)) fields.link = link
  else if (link !== null) ignore('link', 'a string or an array of strings')
  const text = textOf(summary)
  if (text !== undefined) fields.summary = text
  else if (!isOk) fields.summary = refusalSummary(response.status)
  const id = textOf(externalRunId)
  if (id !== undefined) fields.externalRunId = id
  return { ...fields, ...(notes.length > 0 && { notes }) }
}

function isLink(value: Json): value is string | string[] {
  const links = [value].flat()
  return links.length > 0 && links.every((link) => typeof link === 'string' && link !== '')
}

function textOf(value: Json): string | undefined {
  if (value === null || value === '') return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function seenResponse({ status, headers, text }: Exchange['response']): JsonObject {
  // Port's agent shows names as the server wrote them, which is in one of these two forms.
  const both = Object.entries(headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase()
    const title = lower.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
    return [
      [lower, value],
      [title, value],
    ]
  })
  return { statusCode: status, headers: Object.fromEntries(both), text, json: jsonOf(text) }
}

function jsonOf(text: string): Json {
  try {
    return parseBody(text) as Json
  } catch {
    return null
  }
}
