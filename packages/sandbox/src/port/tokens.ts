import type { Context } from '../context.ts'
import type { PortDefinition } from '../definition/definition.ts'
import { hash } from '../hash.ts'
import { checkBody } from './check-body.ts'
import { refuse } from './refuse.ts'

const DEFAULT_LIFETIME = 3 * 60 * 60

/** Issues and checks access tokens. Their lifetime is in real seconds and does not depend on the speed. */
export class PortTokens {
  readonly #definition: PortDefinition
  readonly #context: Context
  readonly #expiry = new Map<string, { clientId: string; expires: number }>()

  constructor(definition: PortDefinition, context: Context) {
    this.#definition = definition
    this.#context = context
  }

  issue(body: unknown): Record<string, unknown> {
    const { clientId, clientSecret } = checkBody(
      body,
      { clientId: 'string', clientSecret: 'string' },
      ['clientId', 'clientSecret'],
    )
    const known = this.#definition.credentials.find(
      (entry) => entry.clientId === clientId && entry.clientSecret === clientSecret,
    )
    if (!known)
      refuse(401, 'invalid_credentials', 'Invalid credentials: client id or client secret is wrong')
    const lifetime = this.#definition.tokenLifetime ?? DEFAULT_LIFETIME
    const accessToken = `sandbox-port-access-token-${this.#expiry.size + 1}-${hash(clientSecret, this.#expiry.size).slice(0, 16)}`
    this.#expiry.set(accessToken, {
      clientId: known.clientId,
      expires: this.#context.now() + lifetime * 1000,
    })
    return { ok: true, accessToken, expiresIn: lifetime, tokenType: 'Bearer' }
  }

  /** @returns the client ID to which the token of the request was issued */
  authenticate(request: Request): string {
    const header = request.headers.get('authorization') ?? ''
    const known = this.#expiry.get(header.replace(/^Bearer /i, ''))
    if (!known) refuse(401, 'unauthorized', 'No valid access token was given')
    if (known.expires <= this.#context.now())
      refuse(401, 'token_expired', 'The access token has expired')
    return known.clientId
  }

  /** Revokes every token issued so far, as a rotation of the credentials does. */
  revokeAll(): void {
    for (const entry of this.#expiry.values()) entry.expires = 0
  }
}
