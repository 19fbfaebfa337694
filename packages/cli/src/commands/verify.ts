import { InputError, isJsonObject } from '@port-dispatch/core'
import {
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
  type Verification,
  verify,
  verifyMessage,
} from '@port-dispatch/core/port'
import { parseDuration, readExactly } from '@port-dispatch/dispatcher/host'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ExitCode, ExitWith } from '../exit-code.ts'
import { style, type Terminal } from '../terminal.ts'

interface VerifyFlags {
  body: string
  header: string[]
  /** Milliseconds. */
  tolerance?: number
}

type Headers = Readonly<Record<string, string>>
type Valid = Extract<Verification, { valid: true }>
type Invalid = Extract<Verification, { valid: false }>

/** What was received. */
interface Received {
  kind: 'webhook' | 'message'
  body: Buffer
  headers: Headers
  secret: string
  /** Milliseconds; undefined for the default of the kind. */
  tolerance: number | undefined
}

/** `port-dispatch verify`: says of a webhook or Kafka message that was received whether Port signed it. */
export function configure(command: Command, terminal: Terminal): void {
  command
    .requiredOption('--body <file>', 'the body as it was received: a file, or - for standard input')
    .addOption(
      new Option(
        '--header <name:value>',
        `a header as it was received, repeatable: ${SIGNATURE_HEADER} and ${TIMESTAMP_HEADER}. A Kafka message holds them itself`,
      )
        // A signature contains a comma, so that lists cannot be separated by one.
        .argParser((text: string, before: string[]) => [...before, text])
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--tolerance <time>',
        'how far the timestamp can be from now, or off (default: 5m for a webhook, off for a Kafka message)',
      ).argParser(parseTolerance),
    )
    .addHelpText('after', '\nThe client secret is read from PORT_CLIENT_SECRET only.')
    .action((flags: VerifyFlags) => verifyReceived(flags, terminal))
}

function parseTolerance(text: string): number {
  if (text.trim() === 'off') return Number.POSITIVE_INFINITY
  const tolerance = parseDuration(text)
  if (tolerance === undefined) {
    throw new InvalidArgumentError('Expected a time span like 90s, 30m or 1h30m, or off.')
  }
  return tolerance
}

async function verifyReceived(flags: VerifyFlags, terminal: Terminal): Promise<void> {
  const secret = process.env.PORT_CLIENT_SECRET
  const headers = headersOf(flags.header)
  if (!secret) {
    throw new InputError('The signature cannot be verified:', [
      { setting: 'port.clientSecret', found: 'is missing', missing: true },
    ])
  }
  const body = await readExactly(flags.body, 'The body')
  const kind = kindOf(body, headers)
  const received: Received = { kind, body, headers, secret, tolerance: flags.tolerance }
  const verification = check(received)
  if (verification.valid) return terminal.output(describeMatch(verification, kind))
  terminal.error(verification.message)
  for (const hint of hintsFor(verification, received)) {
    terminal.message(`${style('dim', 'hint:')} ${hint}`)
  }
  throw new ExitWith(ExitCode.failed)
}

/** @throws InputError for what is not a header, without quoting it: it can hold a credential */
function headersOf(lines: readonly string[]): Headers {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^\s*([^\s:]+)\s*:(.*)$/s.exec(line) ?? []
    const key = name.toLowerCase()
    if (key === '') throw headerError('has no name and colon')
    if (headers.has(key)) throw headerError(`has ${name} more than once`)
    headers.set(key, value.trim())
  }
  return Object.fromEntries(headers)
}

function headerError(found: string): InputError {
  return new InputError('The header cannot be read:', [
    { path: '--header', found, expected: `NAME:VALUE, like '${SIGNATURE_HEADER}: v1,…'` },
  ])
}

/** Headers that were given are those of a webhook; without them the body may be a message that holds its own. */
function kindOf(body: Buffer, headers: Headers): Received['kind'] {
  const hasHeaders = SIGNATURE_HEADER in headers || TIMESTAMP_HEADER in headers
  return !hasHeaders && isSignedMessage(body) ? 'message' : 'webhook'
}

function isSignedMessage(body: Buffer): boolean {
  const message = jsonIn(body)
  return (
    isJsonObject(message) && isJsonObject(message.headers) && 'X-Port-Signature' in message.headers
  )
}

function check({ kind, body, headers, secret: secrets, tolerance }: Received): Verification {
  const within = tolerance === undefined ? {} : { tolerance }
  return kind === 'message'
    ? verifyMessage({ secrets, message: body, ...within })
    : verify({ secrets, headers, body, ...within })
}

/** Undefined for what is not JSON. */
function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

function describeMatch({ form, timestamp }: Valid, kind: Received['kind']): string {
  const signed = new Date(timestamp * 1000).toISOString()
  if (kind === 'message') return `The signature of the Kafka message is valid. Signed at ${signed}.`
  return form === 'raw'
    ? `The signature is valid for the body as it was received (raw). Signed at ${signed}.`
    : `The signature is valid for the JSON of the body, written again without white space (reserialized). Signed at ${signed}.`
}

function hintsFor({ reason, header }: Invalid, received: Received): string[] {
  const { kind, body, secret } = received
  const ofAnyAge = { ...received, tolerance: Number.POSITIVE_INFINITY }
  switch (reason) {
    case 'missing-header':
    case 'malformed-header':
      return kind === 'message'
        ? ['It belongs to the headers inside the Kafka message.']
        : [
            `Give it as it was received: --header '${header}: …'. A Kafka message holds it itself, as headers["X-Port-Signature"].`,
          ]
    case 'stale':
      return check(ofAnyAge).valid
        ? [
            'Apart from its age, the signature is valid. Use --tolerance off for a request that was stored.',
          ]
        : ['The signature does not match either. Use --tolerance off to see why.']
    case 'mismatch': {
      const text = body.toString().trim()
      const trimmed = [
        { ...ofAnyAge, secret: secret.trim() },
        { ...ofAnyAge, body: Buffer.from(text) },
      ]
      // Then the message has said it all.
      if (trimmed.some((changed) => check(changed).valid)) return []
      return [SECRET_HINT, bodyHint(text, kind)]
    }
    default:
      return []
  }
}

const SECRET_HINT =
  'The secret: PORT_CLIENT_SECRET must be the client secret of the organization in which the action ran, as it was at that time.'

/** What the body itself shows of how it was changed. */
function bodyHint(text: string, kind: Received['kind']): string {
  if (text === '') return 'The body: it is empty. Store it before anything reads the request.'
  const value = jsonIn(Buffer.from(text))
  if (value === undefined) {
    return 'The body: it is not JSON, as what Port sends is. It may be cut off, encoded or compressed.'
  }
  if (kind === 'message') {
    return 'The body: white space does not matter in a Kafka message, but values and the order of keys do.'
  }
  return JSON.stringify(value) === text
    ? 'The body: if a parser wrote it again, values, the order of keys, or how numbers and characters are written may have changed. Store the bytes as they were received.'
    : 'The body: white space is not the reason, because the JSON without it was tried too. Values, the order of keys, or how numbers and characters are written may have changed.'
}
