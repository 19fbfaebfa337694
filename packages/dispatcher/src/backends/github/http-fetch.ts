import {
  ConditionalHttp,
  type Http,
  type HttpHeaders,
  httpHeaders,
  parseBody,
  type Repetition,
  TransportError,
} from '@port-dispatch/core/http'
import { DONE_AND_ELSEWHERE, repetitionOf } from '../repetition.ts'

export interface HttpFetchOptions {
  /** Milliseconds that a request with all its repetitions may take. */
  timeLimit: number
  /** What becomes of requests that can start something. Default `once`. */
  repetition?: Repetition
}

/** What octokit gives to `fetch`, and what it reads of a response: less than the standard's, which takes long to load. */
export type OctokitFetch = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string
    signal?: AbortSignal | undefined
  },
) => Promise<{
  status: number
  url: string
  headers: HttpHeaders
  statusText: string
  text(): Promise<string>
}>

/**
 * A `fetch` on our retry policy for octokit.
 *
 * GETs are made conditional. What can start something is sent once, unless `repetition` says that it cannot. A success
 * without a JSON object or list is a lost response, except where there is none by definition (204).
 */
export function httpFetch(
  http: Http,
  { timeLimit, repetition: ofStarts = 'once' }: HttpFetchOptions,
): OctokitFetch {
  const conditional = new ConditionalHttp(http)
  return async (url, { method, headers, body, signal }) => {
    const request = { method, url, headers, ...(body !== undefined && { body }) }
    const own = repetitionOf(method, url)
    const repetition = own === 'once' ? ofStarts : own
    const client = method === 'GET' ? conditional : http
    const response = await client.send(request, {
      repetition,
      deadline: http.clock.now() + timeLimit,
      expect: (value) => (typeof value === 'object' && value !== null ? value : noBody(value)),
      signal,
    })
    if (response.status > 300 && response.status < 400) {
      throw redirected(request, response)
    }
    const { status, text, value, headers: fields } = response
    // octokit decides by this whether to parse the body, and takes what is neither JSON nor text for bytes.
    const isJson =
      value !== undefined ||
      (/\bjson\b/i.test(fields.get('content-type') ?? '') && isParsable(text))
    const type = isJson ? 'application/json' : 'text/plain'
    const received = httpHeaders([...fields, ['content-type', type]])
    return { status, url, headers: received, statusText: '', text: async () => text }
  }
}

function isParsable(text: string): boolean {
  try {
    parseBody(text)
    return true
  } catch {
    return false
  }
}

/** What stands for the body of a 204, which says nothing more than that it is done. */
function noBody(body: unknown): 'none' | undefined {
  return body === undefined ? 'none' : undefined
}

/** To another server, or of a kind that would lose the body. Client libraries take it for a success. */
function redirected(
  request: { method: string; url: string },
  { status, headers }: { status: number; headers: HttpHeaders },
): TransportError {
  const location = headers.get('location')
  const target =
    location && URL.canParse(location, request.url) ? new URL(location, request.url) : null
  const where = target ? `${target.origin}${target.pathname}` : 'nowhere'
  return new TransportError(request, `it redirects to ${where}`, {
    sent: status === DONE_AND_ELSEWHERE,
    starts: request.method !== 'GET',
  })
}
