import { createVerify, generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { InputError } from '@port-dispatch/core'
import { Http } from '@port-dispatch/core/http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { InstantClock } from '../../../test/support/instant-clock.ts'
import { appToken } from '../src/backends/github/app-token.ts'
import { GithubClient } from '../src/backends/github/client.ts'
import { connectionsFromEnvironment } from '../src/host/connections.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** GitHub generates keys of the older form, PKCS#1. */
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

interface GithubOptions {
  /** By how many milliseconds the server's clock is ahead. */
  skew?: number
  installedOn?: 'org' | 'user' | 'nothing'
}

/** GitHub's endpoints for Apps. Tokens last an hour by the server's clock. */
async function github({ skew = 0, installedOn = 'org' }: GithubOptions = {}) {
  const clock = new InstantClock(Date.now())
  const seen: string[] = []
  const state = { issued: 0, isDown: false, revoked: '' }
  const now = () => Date.now() + skew
  const reply = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(now()).toUTCString(),
    })
    response.end(JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    const { method, url = '' } = request
    seen.push(`${method} ${url}`)
    if (url === '/repos/acme/services') {
      const token = request.headers.authorization?.replace('token ', '')
      const isValid = token === `ghs_${state.issued}` && token !== state.revoked
      return isValid
        ? reply(response, 200, { default_branch: 'main' })
        : reply(response, 401, { message: 'Bad credentials' })
    }
    const problem = jwtProblem(request, now())
    if (problem) return reply(response, 401, { message: problem })
    if (state.isDown) return reply(response, 503, { message: 'down' })
    if (url === (installedOn === 'org' ? '/orgs/acme/installation' : '/users/acme/installation')) {
      if (installedOn !== 'nothing') return reply(response, 200, { id: 77 })
    }
    if (url === '/app/installations/77/access_tokens') {
      const token = `ghs_${++state.issued}`
      // The test moves our clock, and the server's with it.
      const expires = now() + HOUR
      return reply(response, 201, { token, expires_at: new Date(expires).toISOString() })
    }
    reply(response, 404, { message: 'Not Found' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const apiUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const http = new Http({ clock })
  const app = { id: '123', privateKey: keys.privateKey }
  return {
    clock,
    seen,
    state,
    apiUrl,
    http,
    source: appToken(http, { app, apiUrl, owner: 'acme' }),
  }
}

function jwtProblem({ headers }: IncomingMessage, now: number): string | undefined {
  const [head, claims = '', signature = ''] =
    headers.authorization?.replace(/^bearer /i, '').split('.') ?? []
  const isSigned = createVerify('RSA-SHA256')
    .update(`${head}.${claims}`)
    .verify(keys.publicKey, signature, 'base64url')
  if (!isSigned) return 'A JSON web token could not be decoded'
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString())
  if (String(iss) !== '123') return 'Integration not found'
  if (exp * 1000 < now || exp * 1000 > now + 11 * MINUTE) {
    return "'Expiration time' claim ('exp') is too far in the future"
  }
  if (iat * 1000 > now) {
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
  }
  return undefined
}

describe('the token of a GitHub App', () => {
  it('is that of its installation on the organization, and is kept while it lasts', async () => {
    const { clock, seen, source } = await github()
    expect(await Promise.all([source(), source()])).toEqual(['ghs_1', 'ghs_1'])
    clock.advance(49 * MINUTE)
    expect(await source()).toBe('ghs_1')
    expect(seen).toEqual([
      'GET /orgs/acme/installation',
      'POST /app/installations/77/access_tokens',
    ])
  })

  it('is renewed before it expires', async () => {
    const { clock, source } = await github()
    await source()
    clock.advance(51 * MINUTE)
    expect(await source()).toBe('ghs_2')
  })

  it.for([-15 * MINUTE, 15 * MINUTE])(
    'lasts as long as the server says, whose clock is %d ms ahead',
    async (skew) => {
      const { clock, source } = await github({ skew })
      expect(await source()).toBe('ghs_1')
      clock.advance(49 * MINUTE)
      expect(await source()).toBe('ghs_1')
      clock.advance(2 * MINUTE)
      expect(await source()).toBe('ghs_2')
    },
  )

  it('is found for a user too', async () => {
    const { source } = await github({ installedOn: 'user' })
    expect(await source()).toBe('ghs_1')
  })

  it('serves to its end while GitHub does not renew it', async () => {
    const { clock, state, source } = await github()
    await source()
    state.isDown = true
    clock.advance(55 * MINUTE)
    expect(await source()).toBe('ghs_1')
    clock.advance(10 * MINUTE)
    await expect(source()).rejects.toMatchObject({ code: 'BACKEND', effect: 'none', status: 503 })
  })

  it('is replaced when GitHub does not accept it any more', async () => {
    const { state, apiUrl, http, source } = await github()
    const client = new GithubClient(http, { token: source, apiUrl })
    state.revoked = await source()
    const branch = await client.call({
      what: 'read acme/services',
      target: { owner: 'acme', repo: 'services' },
      send: (octokit, request) => octokit.request('GET /repos/acme/services', { request }),
      parse: (data) => data,
    })
    expect(branch).toEqual({ default_branch: 'main' })
    expect(state.issued).toBe(2)
  })

  it('is not there where the App is not installed: what to do is said', async () => {
    const { source } = await github({ installedOn: 'nothing' })
    await expect(source()).rejects.toThrow(/find the installation .* 404 .* Install the App/s)
  })
})

describe('the settings of a GitHub App', () => {
  it.for([
    [
      'GITHUB_APP_ID',
      { GITHUB_APP_ID: '1' },
      /github.privateKey: is missing, but github.appId is set/,
    ],
    [
      'GITHUB_APP_PRIVATE_KEY',
      { GITHUB_APP_PRIVATE_KEY: 'x' },
      /github.appId: is missing, but github.privateKey is set/,
    ],
  ] as const)('are two: %s alone is refused', ([, env, said]) => {
    expect(() => connectionsFromEnvironment(env)).toThrow(said)
  })

  it.for([
    ['as it is', keys.privateKey],
    ['with \\n for line breaks', keys.privateKey.replaceAll('\n', '\\n')],
  ] as const)('take the private key %s', ([, privateKey]) => {
    const app = { id: '1', privateKey }
    appToken(new Http(), { app, apiUrl: 'https://api.github.com', owner: 'acme' })
  })

  it('are refused with what is no private key, which is not shown', () => {
    const make = () =>
      appToken(new Http(), {
        app: { id: '1', privateKey: 'my-secret-key' },
        apiUrl: 'https://api.github.com',
        owner: 'acme',
      })
    expect(make).toThrow(InputError)
    expect(make).toThrow(/github.privateKey: is not a private key/)
    expect(make).not.toThrow(/my-secret-key/)
  })
})
