import { randomUUID } from 'node:crypto'
import { formatPath, InputError, type JsonObject, PortDispatchError } from '@port-dispatch/core'
import type { DispatchableWebhookMethod } from '@port-dispatch/core/action'
import type { HttpRequest, HttpResponse } from '@port-dispatch/core/http'
import { type PortClient, signatureHeaders } from '@port-dispatch/core/port'
import { createRedactor } from '@port-dispatch/core/text'
import { addressIn, authority } from '../../network/check-address.ts'
import { basic, decoded } from '../../network/proxy.ts'
import type { Exchange, Plan, Started } from '../backend.ts'
import { BackendError } from '../backend-error.ts'
import { renderRunMessage } from '../run-message.ts'
import type { WebhookClient } from './client.ts'
import { AddressRefusal } from './refused-addresses.ts'
import { firstLines, savedResponse, statusText } from './response.ts'

export interface WebhookPlanOptions {
  /** What templates see, for the body that Port makes where the action has none. */
  context: JsonObject
  portRunId: string | undefined
  follow: boolean | undefined
  /** Calls of Port's own API are made with its token. */
  port: PortClient | undefined
  /** Whether the result has the request and the response, with their credentials. */
  exchange?: 'keep' | undefined
}

/** Headers that are made here, and those that belong to the connection. */
const OWN_HEADERS =
  /^(x-port-signature|x-port-timestamp|idempotency-key|host|content-length|transfer-encoding|accept-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.+)$/
/** Headers whose values are no secrets. */
const SHOWN_HEADERS = /^(content-type|accept|accept-language|user-agent)$/

/** A request that is ready but for its signature, which holds the time. */
interface Prepared {
  /** Method and address, for people: no query, no password. */
  target: string
  request: HttpRequest & { headers: Record<string, string> }
  isSynchronized: boolean
  /** Set if Port's own API is called. */
  port: PortClient | undefined
  keepsExchange: boolean
}

/**
 * Plans the request of a webhook.
 *
 * @throws InputError if the URL names an address that must not be reached
 */
export async function planWebhook(
  method: DispatchableWebhookMethod,
  client: WebhookClient,
  options: WebhookPlanOptions,
): Promise<Plan> {
  const url = new URL(method.url)
  const port = options.port?.isOwn(url) ? options.port : undefined
  if (port) client.trust(url)
  refuseAddress(url, client)
  const { headers, notes } = headersOf(method.headers)
  const body = await bodyOf(method, options)
  const key = options.portRunId ?? randomUUID()
  const prepared: Prepared = {
    target: `${method.method} ${url.origin}${url.pathname}`,
    request: {
      method: method.method,
      url: url.href,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        'idempotency-key': key,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    isSynchronized: method.synchronized,
    port,
    keepsExchange: options.exchange === 'keep',
  }
  return {
    type: 'WEBHOOK',
    backend: 'a webhook',
    target: prepared.target,
    startLabel: 'Calling the webhook',
    // The receiver recognises a repetition by its Idempotency-Key: so the user says.
    isRepeatable: client.connection.retry === 'same-key' && options.portRunId !== undefined,
    preview: {
      method: method.method,
      url: shownUrl(url),
      headers: shownHeaders(prepared.request.headers),
      synchronized: method.synchronized,
      ...(body !== undefined && { body }),
    },
    notes: [...notes, ...furtherNotes(method, client, options)],
    endsPortRun: method.synchronized,
    unsettled: `It is unknown whether the receiver acted on the request, whose Idempotency-Key was ${key}.`,
    start: (signal) => start(prepared, client, signal),
  }
}

function refuseAddress(url: URL, client: WebhookClient): void {
  const address = addressIn(url)
  if (address === undefined) return
  try {
    client.checkAddress(address, authority(url))
  } catch (error) {
    if (!(error instanceof AddressRefusal)) throw error
    throw new InputError('The action cannot be dispatched:', [
      { path: 'url', found: error.message, advice: error.advice },
    ])
  }
}

function headersOf(fields: Readonly<Record<string, string>>): {
  headers: Record<string, string>
  notes: string[]
} {
  const entries = Object.entries(fields).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  return {
    headers: Object.fromEntries(entries.filter(([name]) => !OWN_HEADERS.test(name))),
    notes: Object.keys(fields)
      .filter((name) => OWN_HEADERS.test(name.toLowerCase()))
      .map(
        (name) =>
          `${formatPath(['headers', name])} is set by port-dispatch. The value in the action is not sent.`,
      ),
  }
}

async function bodyOf(method: DispatchableWebhookMethod, options: WebhookPlanOptions) {
  if (method.body === null) return undefined
  if (method.body !== undefined) return method.body
  if (method.method === 'GET' || method.method === 'DELETE') return undefined
  return await renderRunMessage(method, options.context, options.portRunId)
}

function furtherNotes(
  { agent, synchronized }: DispatchableWebhookMethod,
  { connection }: WebhookClient,
  { follow }: WebhookPlanOptions,
): string[] {
  return [
    agent
      ? 'This machine sends the request, in place of an agent of Port (agent: true).'
      : 'This machine sends the request. Port sends one as well when the action is run in Port (agent: false).',
    ...(connection.clientSecret
      ? []
      : ['The request is not signed, because there is no client secret of Port.']),
    ...(follow && !synchronized
      ? ['An asynchronous webhook cannot be waited for: its receiver reports how the run ends.']
      : []),
  ]
}

async function start(
  { target, request, isSynchronized, port, keepsExchange }: Prepared,
  client: WebhookClient,
  signal: AbortSignal | undefined,
): Promise<Started> {
  const { clientSecret } = client.connection
  const token = await tokenOf(port, signal)
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...request.headers,
    ...(clientSecret &&
      signatureHeaders({
        secret: clientSecret,
        timestamp: Math.floor(client.clock.now() / 1000),
        body: request.body ?? '',
      })),
  }
  const sent = client.clock.now()
  const received = await client.send({ ...request, headers }, signal)
  const { status } = received
  const kept = keepsExchange && { exchange: exchangeOf({ ...request, headers }, received) }
  const answer = `${target}: ${statusText(status)} after ${client.clock.now() - sent} ms`
  const isSuccess = status >= 200 && status <= 299
  if (isSuccess && !isSynchronized) {
    const message = `${answer}. The receiver reports how the run ends.`
    return { type: 'accepted', message, ...kept }
  }
  const redact = createRedactor(secretsIn(request, [clientSecret, token]))
  const response = { ...received, text: redact(received.text) }
  const details = isSuccess ? '' : redirection(request.url, response) + firstLines(response.text)
  if (!isSynchronized) {
    throw new BackendError(`The webhook did not accept the request. ${answer}.${details}`, {
      status,
      label: statusText(status),
      ...kept,
    })
  }
  const saved = savedResponse(response)
  return {
    type: 'ended',
    outcome: { status: isSuccess ? 'SUCCESS' : 'FAILURE', statusLabel: statusText(status) },
    message: `${answer}.${details}`,
    httpStatus: status,
    ...(saved !== undefined && { response: saved }),
    ...kept,
  }
}

function exchangeOf(
  { url, method, headers = {}, body }: HttpRequest,
  { status, headers: received, text }: HttpResponse,
): Exchange {
  return {
    request: { url, method, headers, ...(body !== undefined && { body }) },
    response: { status, headers: Object.fromEntries(received), text },
  }
}

async function tokenOf(
  port: PortClient | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await port?.accessToken({ signal })
  } catch (error) {
    if (!(error instanceof PortDispatchError)) throw error
    // Nothing was sent to what the action calls, which is what the run is about.
    throw new BackendError(error.summary, { advice: error.advice, cause: error })
  }
}

/** What was sent that nobody else should read. */
function secretsIn({ url, headers = {} }: HttpRequest, others: (string | undefined)[]): string[] {
  const { username, password, searchParams } = new URL(url)
  const values = Object.entries(headers)
    .filter(([name]) => !SHOWN_HEADERS.test(name) && name !== 'idempotency-key')
    // A receiver may show the token without its scheme.
    .flatMap(([, value]) => [value, value.replace(/^\w+ /, '')])
  const user = password === '' || looksLikeToken(username) ? [username, decoded(username)] : []
  const given = others.filter((secret) => secret !== undefined)
  const credentials = [password, decoded(password), basic(username, password).replace(/^\w+ /, '')]
  return [...values, ...user, ...credentials, ...searchParams.values(), ...given]
}

/** Some services take a token as the user name, beside a password that is always the same. */
function looksLikeToken(username: string): boolean {
  return username.length >= 16 && /\d/.test(username)
}

function redirection(url: string, { status, headers }: HttpResponse): string {
  const location = headers.get('location')
  const to = status >= 300 && status <= 399 && location ? URL.parse(location, url) : null
  if (!to) return ''
  return ` It redirects to ${to.origin}${to.pathname}; redirects are followed on the same host and with the same method only.`
}

function shownUrl({ origin, pathname, searchParams }: URL): string {
  const query = [...searchParams.keys()].map((name) => `${encodeURIComponent(name)}=***`)
  return origin + pathname + (query.length > 0 ? `?${query.join('&')}` : '')
}

function shownHeaders(headers: Readonly<Record<string, string>>): JsonObject {
  const isShown = (name: string) => SHOWN_HEADERS.test(name) || name === 'idempotency-key'
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isShown(name) ? value : '***']),
  )
}
