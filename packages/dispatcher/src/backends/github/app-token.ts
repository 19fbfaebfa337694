import { createPrivateKey } from 'node:crypto'
import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/core'
import { InputError, isJsonObject, phrase, setting } from '@port-dispatch/core'
import type { Http } from '@port-dispatch/core/http'
import { isNumericId } from '@port-dispatch/core/run'
import { BackendError } from '../backend-error.ts'
import type { GithubApp, TokenSource } from '../connections.ts'
import { httpFetch } from './http-fetch.ts'
import { githubError, unreadable } from './refusal.ts'

interface InstallationToken {
  secret: string
  /** When it is renewed, and when it expires, by our clock. */
  renewed: number
  expires: number
}

const TIME_LIMIT_MS = 30_000
/** Tokens last an hour. One is renewed this early, so that a failed renewal can be tried again while it still serves. */
const MARGIN_MS = 600_000

/**
 * Gives the tokens of an App's installation on an organization or user, each for as long as it lasts
 * (`POST /app/installations/{installation_id}/access_tokens`).
 *
 * How long that is, is counted from the response's own `Date`, because the server's clock and ours can differ.
 *
 * @throws InputError if the private key cannot be read; the source throws BackendError if GitHub gives no token
 */
export function appToken(
  http: Http,
  { app, apiUrl, owner }: { app: GithubApp; apiUrl: string; owner: string },
): TokenSource {
  const privateKey = app.privateKey.replaceAll('\\n', '\n').trim()
  refuseUnreadable(privateKey)
  const octokit = new Octokit({
    baseUrl: apiUrl,
    userAgent: 'port-dispatch',
    authStrategy: createAppAuth,
    auth: { appId: app.id.trim(), privateKey, log: { warn: () => {} } },
    // A token more does no harm.
    request: { fetch: httpFetch(http, { timeLimit: TIME_LIMIT_MS, repetition: 'repeatable' }) },
  })
  let installation: number | undefined
  let current: InstallationToken | undefined
  let renewal: Promise<InstallationToken> | undefined

  const call = async <T>(
    what: string,
    send: () => Promise<{ data: unknown; headers: { date?: string | undefined } }>,
    parse: (data: unknown, date: number) => T | undefined,
  ): Promise<T> => {
    try {
      const { data, headers } = await send()
      const parsed = parse(data, Date.parse(headers.date ?? ''))
      if (parsed === undefined) throw unreadable(what, false)
      return parsed
    } catch (error) {
      throw explained(githubError(what, { owner, repo: '' }, false, error, http.clock.now()))
    }
  }

  const find = async (): Promise<number> => {
    const what = `find the installation of the GitHub App on ${owner}`
    const parse = (data: unknown) =>
      isJsonObject(data) && isNumericId(data.id) ? data.id : undefined
    try {
      return await call(
        what,
        () => octokit.request('GET /orgs/{org}/installation', { org: owner }),
        parse,
      )
    } catch (error) {
      if (!(error instanceof BackendError && error.status === 404)) throw error
      return await call(
        what,
        () => octokit.request('GET /users/{username}/installation', { username: owner }),
        parse,
      )
    }
  }

  const renew = async (): Promise<InstallationToken> => {
    installation ??= await find()
    const id = installation
    return await call(
      `get a token of the GitHub App for ${owner}`,
      () =>
        octokit.request('POST /app/installations/{installation_id}/access_tokens', {
          installation_id: id,
        }),
      (data, date) => {
        if (!isJsonObject(data) || typeof data.token !== 'string') return undefined
        const now = http.clock.now()
        const lasts = Date.parse(String(data.expires_at)) - (date || now)
        if (!(lasts > 0)) return undefined
        const renewed = now + Math.max(lasts - MARGIN_MS, lasts / 2)
        return { secret: data.token, renewed, expires: now + lasts }
      },
    )
  }

  return async (refused) => {
    if (refused !== undefined && current?.secret === refused) {
      current = undefined
      installation = undefined
    }
    const now = http.clock.now()
    if (current && now < current.renewed) return current.secret
    renewal ??= renew().finally(() => {
      renewal = undefined
    })
    try {
      current = await renewal
    } catch (error) {
      if (!(current && now < current.expires)) throw error
    }
    return current.secret
  }
}

function refuseUnreadable(privateKey: string): void {
  try {
    createPrivateKey(privateKey)
  } catch (cause) {
    throw new InputError(
      'Settings for the GitHub App are not valid:',
      [
        {
          setting: 'github.privateKey',
          found: 'is not a private key',
          expected: 'the whole text of the .pem file that GitHub generated for the App',
        },
      ],
      { cause },
    )
  }
}

function explained(error: BackendError): BackendError {
  const { status, effect, retryAfter, cause, summary } = error
  const advice =
    status === 401
      ? phrase`Check that ${setting('github.appId')} and ${setting('github.privateKey')} are of the same App.`
      : status === 404
        ? 'Install the App on this organization or user, with write access to Actions.'
        : error.advice
  return new BackendError(summary, { status, effect, retryAfter, cause, advice })
}
