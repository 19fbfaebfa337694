import { PortDispatchError } from '../errors.ts'
import type { HttpResponse } from '../http/transport.ts'

/** Port answered a request with an error. */
export class PortError extends PortDispatchError {
  static override readonly brand: string = 'PortError'
  override readonly name = 'PortError'
  /** The HTTP status of Port's answer. */
  readonly status: number

  /** Whether Port has refused for good; a limit or a time-out passes. */
  get isRefusal(): boolean {
    return this.status < 500 && ![408, 429].includes(this.status)
  }

  constructor(status: number, message: string) {
    super('PORT', message)
    this.status = status
  }

  /**
   * @param what what was asked of Port, as a clause: `update run r_1`
   * @param remedies what to do, by status, where the caller knows better than the general advice
   */
  static from(
    what: string,
    response: HttpResponse,
    remedies: Partial<Record<number, string>> = {},
  ): PortError {
    const { status } = response
    const said = portMessage(response)
    const remedy = remedies[status] ?? REMEDIES[status] ?? REMEDIES[Math.floor(status / 100) * 100]
    const sentences = [`Port refused to ${what}: ${status}${said ? ` ${said}` : ''}.`, remedy]
    return new PortError(status, sentences.filter(Boolean).join(' '))
  }
}

/** By status, or by the hundred that it is of. */
const REMEDIES: Partial<Record<number, string>> = {
  300: 'Check PORT_BASE_URL: it redirects elsewhere.',
  401: 'Check PORT_CLIENT_ID and PORT_CLIENT_SECRET, and that PORT_BASE_URL is the API of your region (https://api.port.io or https://api.us.port.io).',
  403: 'The credentials are valid, but may not do this. Use credentials of an organization that owns the run.',
  413: 'The message is larger than the 1 MiB that Port accepts. Shorten it.',
  429: 'Port limits the number of requests. Try again later.',
  500: 'This is on the side of Port. Try again later.',
}

function portMessage({ text, headers }: HttpResponse): string {
  if (!headers.get('content-type')?.includes('json')) return ''
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null) return ''
    const { message, error } = body as { message?: unknown; error?: unknown }
    const said = typeof message === 'string' && message ? message : error
    return typeof said === 'string' ? said.replace(/\.$/, '') : ''
  } catch {
    return ''
  }
}
