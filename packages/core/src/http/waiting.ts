import type { Clock } from '../clock.ts'
import { type HttpRequest, type HttpResponse, TransportFailure } from './transport.ts'

/** Why a request takes long, for whoever shows people that the program has not stopped. */
export type Waiting =
  /** There has been no response for two seconds. */
  | { type: 'slow'; host: string }
  /** An attempt failed, and the request is sent again for as many milliseconds as are left. */
  | { type: 'retry'; host: string; reason: string; left: number }
  /** A request of which one of these was said has come to its end. */
  | { type: 'over'; host: string }

export type OnWait = (waiting: Waiting) => void

/** People begin to wonder after this time. */
const SLOW_MS = 2_000

/** Says of one request that it takes long. */
export class WaitObserver {
  readonly #host: string
  readonly #clock: Clock
  readonly #onWait: OnWait
  readonly #onSlow = () => this.#say({ type: 'slow', host: this.#host })
  #slow: AbortSignal | undefined
  #hasSaid = false

  constructor({ url }: HttpRequest, clock: Clock, onWait: OnWait) {
    this.#host = URL.parse(url)?.host ?? ''
    this.#clock = clock
    this.#onWait = onWait
  }

  /** A request is being sent. */
  attempted(): void {
    this.#slow = this.#clock.timeout(SLOW_MS)
    this.#slow.addEventListener('abort', this.#onSlow)
  }

  responded(): void {
    this.#slow?.removeEventListener('abort', this.#onSlow)
  }

  /** @param deadline when the request is given up, in milliseconds since the epoch */
  retry(result: HttpResponse | TransportFailure, deadline: number): void {
    const isFailure = result instanceof TransportFailure
    const reason = isFailure ? result.message : `it responded with ${result.status}`
    this.#say({ type: 'retry', host: this.#host, reason, left: deadline - this.#clock.now() })
  }

  over(): void {
    this.responded()
    if (this.#hasSaid) this.#onWait({ type: 'over', host: this.#host })
  }

  #say(waiting: Waiting): void {
    this.#hasSaid = true
    this.#onWait(waiting)
  }
}
