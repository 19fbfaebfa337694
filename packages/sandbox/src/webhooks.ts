import { type Verification, verify } from '@port-dispatch/core/port'
import type { Hono } from 'hono'
import { json } from './answer.ts'
import type { Context } from './context.ts'
import { html } from './pages/html.ts'
import { page, status, table } from './pages/layout.ts'

/** A webhook that arrived. */
export interface ReceivedWebhook {
  /** Milliseconds since 1970. */
  at: number
  method: string
  /** Path and query. */
  path: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Whether it was signed with one of the client secrets. */
  verification: Verification
}

const SHOWN_HEADERS = /^(content-type|idempotency-key|x-port-.+|user-agent)$/

/**
 * A receiver for webhooks at `/webhooks/…`. It responds with 202, or the status that the query names (`?status=500`), and
 * JSON that says what arrived.
 */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = []
  readonly #secrets: readonly string[]
  readonly #context: Context

  constructor(secrets: readonly string[], context: Context) {
    this.#secrets = secrets
    this.#context = context
  }

  addTo(app: Hono): void {
    app.get('/webhooks', () => this.#page())
    app.all('/webhooks/*', async ({ req }) => {
      const { method, raw } = req
      const url = new URL(req.url)
      const body = await raw.text()
      const now = this.#context.now()
      const headers = Object.fromEntries(raw.headers)
      const verification = verify({ secrets: this.#secrets, headers, body, now })
      this.received.push({
        at: now,
        method,
        path: url.pathname + url.search,
        headers,
        body,
        verification,
      })
      const wanted = Number(url.searchParams.get('status'))
      return json(wanted >= 200 && wanted <= 599 ? wanted : 202, {
        received: this.received.length,
        signature: verification.valid ? 'valid' : verification.message,
      })
    })
  }

  #page(): Response {
    const entries = this.received
      .toReversed()
      .map(({ method, path, headers, body, verification }) => {
        const shown = Object.entries(headers).filter(([name]) => SHOWN_HEADERS.test(name))
        const signature = verification.valid
          ? html`${status('SUCCESS')} The signature is valid (${verification.form}).`
          : html`${status('FAILURE')} ${verification.message}`
        return html`<h2>${method} ${path}</h2><p>${signature}</p>${table(Object.fromEntries(shown))}<pre>${body}</pre>`
      })
    const nothing = html`<p>Nothing has arrived yet. Send webhooks to <code>${this.#context.origin}/webhooks/…</code>.</p>`
    return page('Webhooks', html`${entries.length > 0 ? entries : nothing}`, {
      refresh: 'while-it-changes',
    })
  }
}
