import { type Phrase, PortDispatchError, phrase, setting } from '../errors.ts'
import { parseBody } from '../http/parse-body.ts'
import type { TransportError } from '../http/transport-error.ts'

/** What to do about a refusal whose message Port is known to send. */
export interface Remedy {
  /** The status that it belongs to, or the hundred that it is of. */
  status: number
  /** What Port says then, in its `error` or `message`. A refusal without any text counts too. */
  said: RegExp
  advice: Phrase
}

interface PortErrorDetails {
  status?: number | undefined
  said?: string | undefined
  effect?: 'none' | 'unknown'
  advice?: Phrase | undefined
  cause?: unknown
}

/** Port refused a request, failed at it, or did not respond to it. */
export class PortError extends PortDispatchError {
  static override readonly brand: string = 'PortError'
  override readonly name = 'PortError'
  /** The HTTP status of Port's response; undefined if there was no usable one. */
  readonly status: number | undefined
  /** What Port said, whole. */
  readonly said: string | undefined
  /** `unknown` if the request starts something, and Port may have done it all the same. */
  readonly effect: 'none' | 'unknown'

  constructor(summary: Phrase, details: PortErrorDetails = {}) {
    const { status, said, effect = 'none', advice, cause } = details
    super('PORT', summary, { advice, cause })
    this.status = status
    this.said = said
    this.effect = effect
  }

  /**
   * Whether Port has refused for good: the same request would be refused again. Neither a limit on the number of
   * requests (429), nor a timeout (408, 425), nor a failure of Port (5xx), nor a lost response is a refusal.
   */
  get isRefusal(): boolean {
    return this.status !== undefined && isRefused(this.status)
  }

  /**
   * @param what what was requested, as a clause: `update run r_1`
   * @param remedies known messages of this request, before those that every request can get
   * @param effect what the request may have done although this came back
   */
  static from(
    what: string,
    response: { status: number; text: string },
    remedies: readonly Remedy[] = [],
    effect: 'none' | 'unknown' = 'none',
  ): PortError {
    const { status, text } = response
    const { code, message, details } = readBody(text)
    const said = [message || code, details && `(${details})`].filter(Boolean).join(' ') || undefined
    const remedy = [...remedies, ...REMEDIES].find(
      (candidate) =>
        (candidate.status === status || candidate.status === Math.floor(status / 100) * 100) &&
        (said === undefined || candidate.said.test(`${code} ${message}`)),
    )
    const answer = said === undefined ? `${status}` : `${status} ${said.replace(/\.$/, '')}`
    const verb = isRefused(status) ? 'Port refused to' : 'Port did not'
    return new PortError(`${verb} ${what}: ${answer}.`, {
      status,
      said,
      effect: isRefused(status) ? 'none' : effect,
      advice: remedy?.advice,
    })
  }

  /** For a request that got no complete and readable response. */
  static lost(what: string, error: TransportError, effect: 'none' | 'unknown'): PortError {
    return new PortError(`Could not ${what}: ${error.message}.`, {
      effect,
      advice: error.advice,
      cause: error,
    })
  }
}

function isRefused(status: number): boolean {
  return status < 500 && ![408, 425, 429].includes(status)
}

/** What Port is known to say to any request. Other messages are shown without advice: it could contradict them. */
const REMEDIES: readonly Remedy[] = [
  {
    status: 300,
    said: /^\s*$/,
    advice: phrase`Check ${setting('port.baseUrl')}: it redirects to another server.`,
  },
  {
    status: 401,
    said: /credential|unauthori[sz]ed|authenticat|token|jwt|client ?(?:id|secret)/i,
    advice: phrase`Check ${setting('port.clientId')} and ${setting('port.clientSecret')}, and that ${setting('port.baseUrl')} is the API of your region (https://api.port.io or https://api.us.port.io).`,
  },
  {
    status: 403,
    said: /forbidden|permission|not (?:allowed|permitted|authori[sz]ed)|access denied|unauthori[sz]ed/i,
    advice:
      'The credentials are valid but lack permission. Use credentials of the organization that owns the run.',
  },
  {
    status: 413,
    said: /large|size|limit|exceed/i,
    advice: 'Port accepts at most 1 MiB in a request. Shorten what is sent.',
  },
  {
    status: 429,
    said: /too many|rate|limit/i,
    advice: 'Port limits the number of requests. Try again later.',
  },
  {
    status: 500,
    said: /internal|unavailable|gateway|timeout|try again/i,
    advice: 'This is a problem of Port, or of a proxy in front of it. Try again later.',
  },
]

const MAX_DETAILS = 1_000

/** Reads Port's form of an error: `{ok: false, error, message, details?}`. Pages of proxies say nothing to people. */
function readBody(text: string): { code: string; message: string; details: string } {
  const nothing = { code: '', message: '', details: '' }
  let body: unknown
  try {
    body = parseBody(text)
  } catch {
    return nothing
  }
  if (typeof body !== 'object' || body === null) return nothing
  const { error, message, details } = body as Record<string, unknown>
  const shown = details === undefined || details === null ? '' : JSON.stringify(details)
  return {
    code: typeof error === 'string' ? error.trim() : '',
    message: typeof message === 'string' ? message.trim() : '',
    details: /^(?:|\{\}|\[\]|"")$/.test(shown) ? '' : shown.slice(0, MAX_DETAILS),
  }
}
