import { formatQuery, type RequesterType, type ResourceOptions } from '@gitbeaker/requester-utils'
import { type Http, requestedDelay } from '@port-dispatch/core/http'

/** GitLab answered a request with an error. */
export class GitlabAnswerError extends Error {
  override readonly name = 'GitlabAnswerError'
  readonly status: number
  /** After how many milliseconds GitLab may be asked again, if it limits requests. */
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
  /** Milliseconds that a request with all its repetitions may take. */
  timeLimit: number
}

/**
 * A requester for gitbeaker's resource classes on our retry policy.
 *
 * Gitbeaker's own sends every request again on 429 and 502, up to ten times and POSTs included: a pipeline trigger
 * whose answer is a 502 can start ten pipelines. Ours repeats GETs only, and sends bodies as they are.
 */
export function gitlabRequester(http: Http, { timeLimit }: GitlabRequesterOptions) {
  return (service: ResourceOptions): RequesterType => {
    const send = (method: string): RequesterType['get'] => {
      return async <T>(endpoint: string, options?: Parameters<RequesterType['get']>[1]) => {
        const { searchParams, body, signal } = options ?? {}
        const query = formatQuery(searchParams)
        const response = await http.send(
          {
            method,
            url: `${service.url.replace(/\/+$/, '')}/${endpoint}${query && `?${query}`}`,
            headers: {
              accept: 'application/json',
              ...(await authorization(service)),
              ...(body !== undefined && { 'content-type': 'application/json' }),
            },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          },
          {
            repetition: method === 'GET' ? 'repeatable' : 'once',
            deadline: http.clock.now() + timeLimit,
            expect: 'json',
            ...(signal && { signal }),
          },
        )
        if (response.status < 200 || response.status > 299) {
          const { status, headers, text } = response
          const retryAfter =
            status === 429
              ? (requestedDelay(headers, http.clock.now()) ?? DEFAULT_PAUSE_MS)
              : undefined
          throw new GitlabAnswerError(status, gitlabMessage(text), retryAfter)
        }
        return {
          body: JSON.parse(response.text) as T,
          headers: Object.fromEntries(response.headers),
          status: response.status,
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
}

async function authorization({ authHeaders }: ResourceOptions): Promise<Record<string, string>> {
  const entries = Object.entries(authHeaders).map(async ([name, value]) => [name, await value()])
  return Object.fromEntries(await Promise.all(entries))
}

/** GitLab's errors are `{message}` or `{error}`, a string or lists of strings by field. */
function gitlabMessage(text: string): string {
  try {
    const { message, error }: { message?: unknown; error?: unknown } = JSON.parse(text)
    return flatten(message ?? error)
  } catch {
    return 'with a page instead of an answer'
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
