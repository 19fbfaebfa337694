import { isJsonObject, type JsonObject } from '../json.ts'
import {
  asText,
  attempt,
  parseBody,
  readClaim,
  sign,
  type Verification,
  type VerifyOptions,
  verifyClaim,
} from './signature.ts'

const MESSAGE_SIGNATURE = 'X-Port-Signature'
const MESSAGE_TIMESTAMP = 'X-Port-Timestamp'

/**
 * Signs a message as Port does before it puts it on a Kafka topic: in its `headers`, for its compact JSON.
 *
 * @param timestamp seconds since the epoch
 * @returns a copy of the message with the two entries in its `headers`
 */
export function signMessage({
  secret,
  timestamp,
  message,
}: {
  secret: string
  timestamp: number | string
  message: JsonObject
}): JsonObject {
  const headers = isJsonObject(message.headers) ? message.headers : {}
  const body = signedText({ ...message, headers })
  return {
    ...message,
    headers: {
      ...headers,
      [MESSAGE_SIGNATURE]: sign({ secret, timestamp, body }),
      [MESSAGE_TIMESTAMP]: String(timestamp),
    },
  }
}

export interface VerifyMessageOptions extends Pick<VerifyOptions, 'secrets' | 'now'> {
  /** The value of the Kafka message, or what `JSON.parse` made of it. */
  message: Uint8Array | string | JsonObject
  /** Milliseconds. Default `Infinity`: a message can wait in its topic for as long as it likes. */
  tolerance?: number
}

/**
 * Verifies the signature inside a message of Port's Kafka topics. Messages of the change log have none.
 *
 * @throws never: everything that is wrong is a result
 */
export function verifyMessage(options: VerifyMessageOptions): Verification {
  const { message: source, tolerance = Number.POSITIVE_INFINITY } = options
  const message =
    source instanceof Uint8Array || typeof source === 'string' ? parseBody(source) : source
  if (!isJsonObject(message)) {
    return { valid: false, reason: 'not-json', message: 'The message is not a JSON object.' }
  }
  const headers = isJsonObject(message.headers) ? message.headers : {}
  const { [MESSAGE_SIGNATURE]: signature, [MESSAGE_TIMESTAMP]: timestamp } = headers
  const claim = readClaim(asText(signature), asText(timestamp))
  if ('valid' in claim) return claim
  return verifyClaim(claim, { ...options, tolerance }, () => [
    ['reserialized', attempt(() => signedText(message))],
  ])
}

/** The text of a message that is signed. */
function signedText(message: JsonObject): string {
  return JSON.stringify(unsignedMessage(message))
}

/**
 * A message without what carries its signature: the two entries of its `headers`, in a message of type GITLAB all
 * `headers`. It is what Port signs, and what Port's agent hands on.
 */
export function unsignedMessage(message: JsonObject): JsonObject {
  const { headers, ...rest } = message
  if (isGitlab(message) || !isJsonObject(headers)) return rest
  const { [MESSAGE_SIGNATURE]: _signature, [MESSAGE_TIMESTAMP]: _timestamp, ...others } = headers
  // Assigning keeps the place of the key, which is part of the text.
  return { ...message, headers: others }
}

function isGitlab({ payload }: JsonObject): boolean {
  const action = isJsonObject(payload) ? payload.action : undefined
  const method = isJsonObject(action) ? action.invocationMethod : undefined
  return isJsonObject(method) && method.type === 'GITLAB'
}
