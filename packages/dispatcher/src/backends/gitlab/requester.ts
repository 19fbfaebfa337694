import { formatQuery, type RequesterType } from '@gitbeaker/requester-utils'
import { type Http, parseBody, requestedDelay } from '@port-dispatch/core/http'
import { createRedactor } from '@port-dispatch/core/text'
import { repetitionOf } from '../repetition.ts'

/** GitLab refused a request. */
export class GitlabAnswerError extends Error {
  override readonly name = 'GitlabAnswerError'
  readonly status: number
  /** After how many milliseconds the next request is allowed, if GitLab limits them. */
  readonly retryAfter: number | undefined

  constructor(status: number, message: string, retryAfter: number | undefined) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** For a limit that does not say when it ends; GitLab counts by the minute. */
const DEFAULT_PAUSE_MS = 60_000

export interface GitlabRequesterOptions {
  /** Address of the API: `https://gitlab.com/api/v4`. */
  api: string
  /** Milliseconds that a request with all its repetitions may take. */
  timeLimit: number
  signal?: AbortSignal | undefined
  /** Made anew for each request. */
  headers: () => Promise<Record<string, string>>
}

export type GitlabRequester = RequesterType

/**
 * A requester for gitbeaker's resource classes on our retry policy.
 *
 * Gitbeaker's own sends every request again on 429 and 502, up to ten times and POSTs included: a pipeline trigger
 * whose answer is a 502 can start ten pipelines. Ours repeats what starts nothing only, and sends bodies as they are.
 */
export function gitlabRequester(http: Http, options: GitlabRequesterOptions): GitlabRequester {
  const { api, timeLimit, signal, headers } = options
  const send = (method: string): RequesterType['get'] => {
    return async <T>(endpoint: string, request?: Parameters<RequesterType['get']>[1]) => {
      const { searchParams, body } = request ?? {}
      const query = formatQuery(searchParams)
      const authorization = await headers()
      const response = await http.send(
        {
          method,
          url: `${api}/${endpoint}${query && `?${query}`}`,
          headers: {
            accept: 'application/json',
            ...authorization,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        },
        {
          repetition: repetitionOf(method, endpoint),
          deadline: http.clock.now() + timeLimit,
          expect: (value) => (typeof value === 'object' && value !== null ? value : noBody(value)),
          ...(signal && { signal }),
        },
      )
      const { status, text } = response
      if (status < 200 || status > 299) {
        const retryAfter =
          status === 429
            ? (requestedDelay(response.headers, http.clock.now()) ?? DEFAULT_PAUSE_MS)
            : undefined
        // Servers and proxies can repeat what they were sent.
        const redact = createRedactor([...Object.values(authorization), ...triggerTokenIn(body)])
        throw new GitlabAnswerError(status, redact(gitlabMessage(text)), retryAfter)
      }
      return {
        body: (text === '' ? null : parseBody(text)) as T,
        headers: Object.fromEntries(response.headers),
        status,
      }
    }
  }
  return {
    get: send('GET'),
    post: send('POST'),
    put: send('PUT'),
    patch: send('PATCH'),
    delete: send('DELETE'),
  } as RequesterType
}

function triggerTokenIn(body: unknown): string[] {
  const { token } = (body ?? {}) as { token?: unknown }
  return typeof token === 'string' ? [token] : []
}

/** What stands for the body of a 204, which says nothing more than that it is done. */
function noBody(body: unknown): 'none' | undefined {
  return body === undefined ? 'none' : undefined
}

/** GitLab's errors are `{message}` or `{error}`, a string or lists of strings by field. */
function gitlabMessage(text: string): string {
  try {
    const { message, error } = parseBody(text) as { message?: unknown; error?: unknown }
    return flatten(message ?? error)
  } catch {
    return 'with something that is not JSON'
  }
}

function flatten(message: unknown): string {
  if (typeof message === 'string') return message
  if (Array.isArray(message)) return message.map(flatten).join('; ')
  if (typeof message !== 'object' || message === null) return String(message)
  return Object.entries(message)
    .map(([field, value]) => (field === 'base' ? flatten(value) : `${field}: ${flatten(value)}`))
    .join('; ')
}
