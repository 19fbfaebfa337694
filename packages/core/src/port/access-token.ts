import type { Http } from '../http/http.ts'
import { isJsonObject } from '../json.ts'
import { PortError } from './port-error.ts'

export interface PortCredentials {
  clientId: string
  clientSecret: string
}

/** Before a token expires it is renewed this early, so that it does not expire on the way. */
const MARGIN_MS = 60_000

/** Keeps one access token for as long as it lasts (`POST /v1/auth/access_token`). */
export class AccessToken {
  readonly #http: Http
  readonly #url: string
  readonly #credentials: PortCredentials
  #token: { value: string; expires: number } | undefined
  #pending: Promise<string> | undefined

  constructor(http: Http, baseUrl: string, credentials: PortCredentials) {
    this.#http = http
    this.#url = `${baseUrl}/v1/auth/access_token`
    this.#credentials = credentials
  }

  /**
   * @param deadline milliseconds since the epoch
   * @throws PortError if Port does not accept the credentials, TransportError if it cannot be reached
   */
  async get(deadline: number): Promise<string> {
    if (this.#token && this.#token.expires > this.#http.clock.now()) return this.#token.value
    this.#pending ??= this.#request(deadline).finally(() => {
      this.#pending = undefined
    })
    return await this.#pending
  }

  /** Forgets a token that Port did not accept. */
  forget(): void {
    this.#token = undefined
  }

  async #request(deadline: number): Promise<string> {
    const response = await this.#http.send(
      {
        method: 'POST',
        url: this.#url,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(this.#credentials),
      },
      {
        repetition: 'repeatable',
        deadline,
        expect: (body) => (isJsonObject(body) ? body : undefined),
      },
    )
    if (response.status !== 200) throw PortError.from('sign in', response)
    const { accessToken, expiresIn } = parseToken(response.text)
    const lifetime = Math.max(expiresIn * 1000 - MARGIN_MS, (expiresIn * 1000) / 2)
    this.#token = { value: accessToken, expires: this.#http.clock.now() + lifetime }
    return accessToken
  }
}

function parseToken(text: string): { accessToken: string; expiresIn: number } {
  const { accessToken, expiresIn }: { accessToken?: unknown; expiresIn?: unknown } =
    JSON.parse(text) ?? {}
  if (typeof accessToken === 'string' && typeof expiresIn === 'number') {
    return { accessToken, expiresIn }
  }
  throw new PortError(200, 'The answer to the sign-in is not one of Port. Check PORT_BASE_URL.')
}
