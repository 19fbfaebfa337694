import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Port's signature on what it sends: `v1,` and the base64 of HMAC-SHA256(client secret, "<timestamp>.<text>").
 * Source: docs.port.io, webhook, "Validating webhook signatures".
 */
export const SIGNATURE_HEADER = 'x-port-signature'
export const TIMESTAMP_HEADER = 'x-port-timestamp'

const VERSION = 'v1'
const DEFAULT_TOLERANCE_MS = 5 * 60_000

/** Headers as `fetch`, Node, Express, Hono and Lambda have them. Their names may be in any case. */
export type SignedHeaders =
  | Headers
  | Readonly<Record<string, string | readonly string[] | number | null | undefined>>

/** Which text the signature is for: the bytes that came, or the JSON in them written again by `JSON.stringify`. */
export type SignedForm = 'raw' | 'reserialized'

export type Verification =
  | {
      valid: true
      form: SignedForm
      /** When it was signed, in seconds since the epoch. */
      timestamp: number
      /** Which of the secrets it was signed with, from 0. */
      secret: number
    }
  | {
      valid: false
      reason: /** A header, named by `header`, is absent or empty. */
        | 'missing-header'
        /** A header, named by `header`, is not what Port writes. */
        | 'malformed-header'
        /** It was signed too long ago, or too far in the future. */
        | 'stale'
        /** It was signed with another secret, or is not what was signed. */
        | 'mismatch'
        /** No secret to verify with was given. */
        | 'missing-secret'
        /** A Kafka message that is not a JSON object. */
        | 'not-json'
      header?: string
      /** What differs, for the log of the receiver. Holds neither the secret nor the right signature. */
      message: string
    }

/**
 * Signs a text as Port does.
 *
 * @param secret the client secret
 * @param timestamp seconds since the epoch
 * @param body exactly what is sent
 * @returns the value of the header `x-port-signature`
 */
export function sign({
  secret,
  timestamp,
  body,
}: {
  secret: string
  timestamp: number | string
  body: Uint8Array | string
}): string {
  return `${VERSION},${digest(secret, String(timestamp), body).toString('base64')}`
}

export interface VerifyOptions {
  /** The client secret. Several while it is rotated; empty ones are left out. */
  secrets: string | readonly (string | undefined)[]
  headers: SignedHeaders
  /** The body as it came, before anything parses it. */
  body: Uint8Array | string
  /** Milliseconds since the epoch. Default: the time of this machine. */
  now?: number
  /** Milliseconds that the timestamp can be away from now. Default 5 minutes; `Infinity` accepts any. */
  tolerance?: number
}

/**
 * Verifies the signature of a webhook of Port. It holds if it is for the bytes that came or, as port-agent and the
 * JavaScript sample of Port's documentation sign, for their JSON written again; then use the parsed JSON, nothing else.
 *
 * Compares in constant time. Does not remember what it has seen: within the tolerance a replay is valid.
 *
 * @throws never: everything that is wrong is a result
 */
export function verify(options: VerifyOptions): Verification {
  const { headers, body } = options
  const claim = readClaim(header(headers, SIGNATURE_HEADER), header(headers, TIMESTAMP_HEADER))
  if ('valid' in claim) return claim
  return verifyClaim(claim, options, () => [
    ['raw', body],
    ['reserialized', rewritten(body)],
  ])
}

/** The headers that go with a webhook: see {@link sign}. */
export function signatureHeaders(signed: Parameters<typeof sign>[0]): Record<string, string> {
  return { [TIMESTAMP_HEADER]: String(signed.timestamp), [SIGNATURE_HEADER]: sign(signed) }
}

/** What the headers claim. */
interface Claim {
  timestamp: string
  signatures: Buffer[]
}

export function readClaim(
  signature: string | undefined,
  timestamp: string | undefined,
): Claim | Extract<Verification, { valid: false }> {
  if (!signature) return missing(SIGNATURE_HEADER)
  if (!timestamp) return missing(TIMESTAMP_HEADER)
  if (!/^\d{1,15}$/.test(timestamp)) {
    return malformed(TIMESTAMP_HEADER, 'is not a number of seconds since 1970')
  }
  if (timestamp.length > 11) return malformed(TIMESTAMP_HEADER, 'is in milliseconds, not seconds')
  const signatures = signature
    .split(/\s+/)
    .filter((part) => part.startsWith(`${VERSION},`))
    .map((part) => Buffer.from(part.slice(VERSION.length + 1), 'base64'))
    .filter((bytes) => bytes.length === 32)
  if (signatures.length === 0) {
    return malformed(SIGNATURE_HEADER, `is not "${VERSION}," and the base64 of 32 bytes`)
  }
  return { timestamp, signatures }
}

export function verifyClaim(
  { timestamp, signatures }: Claim,
  {
    secrets,
    now = Date.now(),
    tolerance = DEFAULT_TOLERANCE_MS,
  }: Omit<VerifyOptions, 'headers' | 'body'>,
  forms: () => [SignedForm, Uint8Array | string | undefined][],
): Verification {
  const usable = [secrets].flat().map((secret) => secret ?? '')
  if (!usable.some(Boolean)) {
    const message = 'There is no client secret to verify the signature with.'
    return { valid: false, reason: 'missing-secret', message }
  }
  const age = now - Number(timestamp) * 1000
  if (Math.abs(age) > tolerance) return stale(age, tolerance)
  const texts = forms()
  const isSigned = (secret: string, text: Uint8Array | string) => {
    const expected = digest(secret, timestamp, text)
    return signatures.some((signature) => timingSafeEqual(signature, expected))
  }
  for (const [form, text] of texts) {
    if (text === undefined) continue
    // An empty key is one that everybody knows.
    const secret = usable.findIndex((key) => key !== '' && isSigned(key, text))
    if (secret >= 0) return { valid: true, form, timestamp: Number(timestamp), secret }
  }
  const [[, raw = ''] = []] = texts
  return { valid: false, reason: 'mismatch', message: explainMismatch(usable, raw, isSigned) }
}

/** Tells the two mistakes apart that can be told apart: both come from reading a file with its last line break. */
function explainMismatch(
  secrets: readonly string[],
  body: Uint8Array | string,
  isSigned: (secret: string, text: Uint8Array | string) => boolean,
): string {
  const trimmed = secrets.filter((secret) => secret.trim() !== '' && secret.trim() !== secret)
  if (trimmed.some((secret) => isSigned(secret.trim(), body))) {
    return 'The client secret has blanks or a line break around it. Without them the signature matches.'
  }
  const text = (typeof body === 'string' ? body : new TextDecoder().decode(body)).trim()
  if (secrets.some((secret) => secret !== '' && isSigned(secret, text))) {
    return 'The body has blanks or a line break around it. Without them the signature matches: give the body as it was sent.'
  }
  return 'The signature does not match: it was made with another client secret, or for another body. Verify the body as it was received, before it is parsed.'
}

function digest(secret: string, timestamp: string, text: Uint8Array | string): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(text).digest()
}

function stale(age: number, tolerance: number): Verification {
  const span = describeSpan(Math.abs(age))
  const where = age > 0 ? `${span} ago` : `${span} in the future`
  return {
    valid: false,
    reason: 'stale',
    header: TIMESTAMP_HEADER,
    message: `It was signed ${where}; the limit is ${describeSpan(tolerance)}. Check the clock of this machine.`,
  }
}

/** Seconds up to ten minutes, where they count: `300 s`, `12 minutes`, `412 days`. */
function describeSpan(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000)
  if (seconds < 600) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`
  return seconds < 172_800
    ? `${Math.round(seconds / 3_600)} hours`
    : `${Math.round(seconds / 86_400)} days`
}

function missing(name: string): Extract<Verification, { valid: false }> {
  return {
    valid: false,
    reason: 'missing-header',
    header: name,
    message: `The header ${name} is missing.`,
  }
}

function malformed(name: string, found: string): Extract<Verification, { valid: false }> {
  return {
    valid: false,
    reason: 'malformed-header',
    header: name,
    message: `The header ${name} ${found}.`,
  }
}

function header(headers: SignedHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return asText(headers.get(name))
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name)
  return asText(Array.isArray(entry?.[1]) ? entry[1][0] : entry?.[1])
}

export function asText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value.trim() : undefined
}

/** The JSON of a body written again, undefined if it is not JSON. */
function rewritten(body: Uint8Array | string): string | undefined {
  const value = parseBody(body)
  return value === undefined ? undefined : attempt(() => JSON.stringify(value))
}

export function parseBody(body: Uint8Array | string): unknown {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  return attempt(() => JSON.parse(text))
}

/** Undefined for what is not JSON, or too deep to be written. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
