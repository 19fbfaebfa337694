import { isRecord } from './is-record.ts'

/** A request that the sandbox received, and its response. */
export interface Exchange {
  service: 'port' | 'github' | 'gitlab' | 'pages'
  /** Milliseconds since 1970, by the clock of the sandbox. */
  at: number
  method: string
  /** Without the query. Escapes such as `%2F` are kept. */
  path: string
  query: Readonly<Record<string, string>>
  /** Names in lower case. */
  requestHeaders: Readonly<Record<string, string>>
  requestText: string
  /** Parsed JSON or form fields. `undefined` if there is no body, or it is neither. */
  requestBody: unknown
  status: number
  responseHeaders: Readonly<Record<string, string>>
  responseText: string
  responseBody: unknown
}

type Handler = (request: Request) => Response | Promise<Response>

/** Passes requests to `handle`, and each exchange to `keep` before the response is sent. */
export function recordExchanges(
  handle: Handler,
  now: () => number,
  keep: (exchange: Exchange) => void,
): Handler {
  return async (request) => {
    const url = new URL(request.url)
    const at = now()
    const bytes = await request.arrayBuffer()
    const inner = new Request(request.url, {
      method: request.method,
      headers: request.headers,
      ...(bytes.byteLength > 0 && { body: bytes }),
    })
    const requestBody = await parseBody(inner.clone())
    const response = await handle(inner)
    response.headers.set('date', new Date(at).toUTCString())
    const responseText = await response.clone().text()
    keep({
      service: serviceOf(url.pathname),
      at,
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      requestHeaders: Object.fromEntries(request.headers),
      requestText: new TextDecoder().decode(bytes),
      requestBody,
      status: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseText,
      responseBody: parseJson(responseText),
    })
    return response
  }
}

function serviceOf(path: string): Exchange['service'] {
  if (path.startsWith('/v1/')) return 'port'
  if (path.startsWith('/api/v3/')) return 'github'
  return path.startsWith('/api/v4/') ? 'gitlab' : 'pages'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Parses a JSON or form body. In a form, `variables[KEY]=value` becomes `{ variables: { KEY: value } }`,
 * as in Rails. `undefined` if there is no body, or it is malformed.
 */
export async function parseBody(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  try {
    if (!/form-data|x-www-form-urlencoded/.test(type)) return parseJson(await request.text())
    return nestFields([...(await request.formData())])
  } catch {
    return undefined
  }
}

/** Nests `name[key]` one level deep, and `name[]`, `name[][key]` as lists. */
export function nestFields(
  fields: readonly (readonly [string, unknown])[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of fields) {
    const parts = /^([^[\]]+)\[([^[\]]*)\](?:\[([^[\]]+)\])?$/.exec(name)
    const [, outer = name, key, inner] = parts ?? []
    if (key === undefined) result[name] = value
    else if (key === '') {
      const list = Array.isArray(result[outer]) ? result[outer] : []
      const last: unknown = list.at(-1)
      if (inner === undefined) list.push(value)
      else if (isRecord(last) && !(inner in last)) last[inner] = value
      else list.push({ [inner]: value })
      result[outer] = list
    } else {
      const nested = isRecord(result[outer]) ? result[outer] : {}
      nested[key] = value
      result[outer] = nested
    }
  }
  return result
}
