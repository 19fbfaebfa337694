import type { Clock } from '@port-dispatch/core'
import {
  Http,
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportError,
} from '@port-dispatch/core/http'
import { authority } from '../../network/check-address.ts'
import { createTransport } from '../../network/transport.ts'
import { BackendError } from '../backend-error.ts'
import type { WebhookConnection } from '../connections.ts'
import { AddressRefusal, refusedAddresses } from './refused-addresses.ts'

const DEFAULT_TIMEOUT_MS = 30_000
/** How much longer than one attempt a receiver is tried that is busy, or does not listen. */
const REPETITIONS_WITHIN_MS = 60_000
/** What is read of a response. */
const MAX_RESPONSE_BYTES = 256 * 1024

/** Calls webhooks with one set of settings. */
export class WebhookClient {
  readonly clock: Clock
  readonly connection: WebhookConnection
  readonly #http: Http
  readonly #timeout: number
  readonly #check: (address: string, host: string) => void
  /** Hosts that the settings name, not an action: `HOST:PORT`. */
  readonly #trusted = new Set<string>()

  /** @throws InputError if `allowHosts` cannot be read */
  constructor(clock: Clock, connection: WebhookConnection) {
    const { proxies = {}, allowHosts = [], timeout = DEFAULT_TIMEOUT_MS } = connection
    const { ca, cert, key, passphrase, verification } = connection
    this.clock = clock
    this.connection = connection
    this.#timeout = timeout
    this.#check = refusedAddresses(allowHosts)
    this.#http = new Http({
      clock,
      requestTimeout: timeout,
      maxBytes: MAX_RESPONSE_BYTES,
      onWait: connection.onWait,
      onRetry: connection.onRetry,
      transport: observed(
        createTransport(proxies, {
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
          ...(passphrase !== undefined && { passphrase }),
          ...(verification !== undefined && { verification }),
          checkAddress: (address, host) => this.checkAddress(address, host),
        }),
        connection.onResponse,
      ),
    })
  }

  /** Lets the server of a URL be reached at any address, because the settings name it. */
  trust(url: URL): void {
    this.#trusted.add(authority(url))
  }

  /** @throws AddressRefusal if the address must not be reached */
  checkAddress(address: string, host: string): void {
    if (!this.#trusted.has(host)) this.#check(address, host)
  }

  /**
   * Sends a request, once. It is sent again if the receiver says when to come back (429 and 503 with `Retry-After`), if no
   * connection could be made, and otherwise only as `retry` says.
   *
   * @returns the response, of whatever status; its body can be cut
   * @throws BackendError if there is none; the signal's reason if it was aborted before anything was sent
   */
  async send(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const retries = this.connection.retry === 'same-key'
    try {
      return await this.#http.send(request, {
        repetition: retries ? 'keyed' : 'once',
        deadline: this.clock.now() + this.#timeout + REPETITIONS_WITHIN_MS,
        reading: 'start',
        isPassing: retries ? isPassing : saysWhenToComeBack,
        signal,
      })
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      const { cause, effect } = error
      const advice = cause instanceof AddressRefusal ? cause.advice : undefined
      throw new BackendError(`${error.message}.`, { effect, advice, cause: error })
    }
  }
}

function observed(transport: Transport, onResponse: WebhookConnection['onResponse']): Transport {
  if (!onResponse) return transport
  return {
    send: async (request) => {
      try {
        const response = await transport.send(request)
        onResponse(response.status)
        return response
      } catch (error) {
        onResponse('failed')
        throw error
      }
    },
  }
}

function saysWhenToComeBack({ status, headers }: HttpResponse): boolean {
  return (status === 429 || status === 503) && headers.has('retry-after')
}

function isPassing({ status }: HttpResponse): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && status !== 501)
}
