import { answerOf, json } from '../answer.ts'
import type { Context } from '../context.ts'
import type { GitHubDefinition, GitHubToken } from '../definition/definition.ts'
import { hash } from '../hash.ts'
import { refuse } from './refuse.ts'

const REQUESTS_PER_HOUR = 5000
const HOUR = 60 * 60

interface Budget {
  used: number
  /** Seconds since 1970. */
  reset: number
}

/** Authentication, rate limits and conditional requests, which are the same for every endpoint. */
export class GitHubAccess {
  readonly #definition: GitHubDefinition
  readonly #context: Context
  readonly #budgets = new Map<string, Budget>()

  constructor(definition: GitHubDefinition, context: Context) {
    this.#definition = definition
    this.#context = context
  }

  async guard(
    request: Request,
    handle: (token: GitHubToken) => Response | Promise<Response>,
  ): Promise<Response> {
    const given = (request.headers.get('authorization') ?? '').replace(/^(Bearer|token) /i, '')
    const token = this.#definition.tokens.find((entry) => entry.token === given)
    if (!token)
      return answerOf(() =>
        given === '' ? refuse(401, 'Requires authentication') : refuse(401, 'Bad credentials'),
      )
    const limit = this.#definition.rateLimit ?? REQUESTS_PER_HOUR
    const budget = this.#budget(given)
    if (budget.used >= limit) return withHeaders(rateLimited(), this.#limitHeaders(limit, budget))
    const answer = await conditional(request, await answerOf(() => handle(token)))
    // "Making a conditional request does not count against your primary rate limit if a 304 response
    // is returned", https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    if (answer.status !== 304) budget.used += 1
    return withHeaders(answer, {
      ...this.#limitHeaders(limit, budget),
      'x-github-request-id': hash('request', given, budget.used).slice(0, 16).toUpperCase(),
    })
  }

  #budget(token: string): Budget {
    const now = Math.floor(this.#context.now() / 1000)
    const known = this.#budgets.get(token)
    if (known && known.reset > now) return known
    const fresh = { used: 0, reset: now + HOUR }
    this.#budgets.set(token, fresh)
    return fresh
  }

  #limitHeaders(limit: number, { used, reset }: Budget): Record<string, string> {
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(0, limit - used)),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': 'core',
    }
  }
}

function rateLimited(): Response {
  return json(403, {
    message:
      'API rate limit exceeded for user ID 1. If you reach out to GitHub Support for help, please include the request ID.',
    documentation_url:
      'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api',
    status: '403',
  })
}

async function conditional(request: Request, answer: Response): Promise<Response> {
  if (request.method !== 'GET' || answer.status !== 200) return answer
  const etag = `W/"${hash(await answer.clone().text())}"`
  const known = (request.headers.get('if-none-match') ?? '').split(/,\s*/)
  const plain = (tag: string) => tag.replace(/^W\//, '')
  if (known.some((tag) => plain(tag) === plain(etag)))
    return new Response(null, { status: 304, headers: { etag } })
  return withHeaders(answer, { etag, 'cache-control': 'private, max-age=60, s-maxage=60' })
}

function withHeaders(answer: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value)
  return answer
}
