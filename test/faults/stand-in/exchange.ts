// What the stand-ins for GitHub, GitLab and Port have in common: requests and replies as values.
import { isJsonObject, type Json, type JsonObject } from '@port-dispatch/core'

export interface Request {
  method: string
  path: string
  query: URLSearchParams
  headers: Headers
  body: JsonObject
}

export interface Reply {
  status: number
  /** JSON, or a text that is sent as it is. Missing: an empty body. */
  body?: Json
  text?: string
  headers?: Record<string, string>
}

export const NOT_FOUND: Reply = { status: 404, body: { message: 'Not Found', error: 'not_found' } }

export function toRequest(method: string, url: string, headers: Headers, text: string): Request {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
  const body: unknown = text === '' ? {} : JSON.parse(text)
  return {
    method,
    path: pathname,
    query: searchParams,
    headers,
    body: isJsonObject(body) ? body : {},
  }
}

/** One page of a list, of at most `limit` entries whatever is requested. */
export function pageOf<T>(items: readonly T[], query: URLSearchParams, limit = 100): T[] {
  const size = Math.min(limit, Number(query.get('per_page') ?? 20))
  const page = Number(query.get('page') ?? 1)
  return items.slice((page - 1) * size, page * size)
}

/** Times as servers write them: whole seconds. */
export function seconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
