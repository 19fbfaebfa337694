import type { SandboxOptions } from '@port-dispatch/sandbox'
import { startCheckedSandbox } from '../../../test/contracts/checked-sandbox.ts'

interface Sent {
  headers?: Record<string, string>
  json?: unknown
  body?: NonNullable<RequestInit['body']>
}

/** A sandbox whose clock stands still until a test moves it, and clients with its credentials. */
export async function start(options: SandboxOptions = {}) {
  let time = Date.parse('2026-03-02T09:30:00.700Z')
  const sandbox = await startCheckedSandbox({ now: () => time, ...options })
  const { environment } = sandbox

  const send = async (method: string, url: string, sent: Sent = {}) => {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(sent.json !== undefined && { 'content-type': 'application/json' }),
        ...sent.headers,
      },
      ...(sent.json !== undefined && { body: JSON.stringify(sent.json) }),
      ...(sent.body !== undefined && { body: sent.body }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    }
  }

  const { PORT_CLIENT_ID: clientId, PORT_CLIENT_SECRET: clientSecret } = environment
  const logIn = () =>
    send('POST', `${sandbox.url}/v1/auth/access_token`, { json: { clientId, clientSecret } })
  let token: string | undefined

  return {
    sandbox,
    send,
    logIn,
    /** Moves the clock by seconds. */
    wait: (seconds: number) => {
      time += seconds * 1000
    },
    port: async (method: string, path: string, json?: unknown) => {
      token ??= String((await logIn()).body.accessToken)
      return send(method, `${sandbox.url}/v1${path}`, {
        headers: { authorization: `Bearer ${token}` },
        json,
      })
    },
    github: (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
      send(method, `${environment.GITHUB_API_URL}/repos/${path}`, {
        headers: { authorization: `Bearer ${environment.GITHUB_TOKEN}`, ...headers },
        json,
      }),
    gitlab: (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
      send(method, `${environment.GITLAB_URL}/api/v4/projects/${path}`, {
        headers: { 'private-token': environment.GITLAB_TOKEN ?? '', ...headers },
        json,
      }),
  }
}

export type Started = Awaited<ReturnType<typeof start>>
