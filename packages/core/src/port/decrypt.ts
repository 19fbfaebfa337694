import {
  constants,
  createDecipheriv,
  createPrivateKey,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto'
import { type Problem, phrase, setting } from '../errors.ts'

const KEY_BYTES = 32
const TAG_BYTES = 16
const IV_BYTES = { clientSecret: 16, privateKey: 12 } as const

/** What the value was encrypted for. */
export type DecryptionKey =
  /** `"encryption": "aes256-gcm"`: the client secret of the organization. */
  | { clientSecret: string }
  /** `"encryption": {"algorithm": "client-side", …}`: the private RSA key, as PEM. */
  | { privateKey: string | KeyObject }

export type Decryption =
  /** The text that the user typed. For an input of type `object` it is JSON. */
  | { ok: true; text: string }
  /** Says of the value, or of the key, why it cannot be used. Holds neither. */
  | { ok: false; problem: Problem }

/**
 * Decrypts a secret user input of a Port action.
 *
 * With the client secret: base64 of a 16-byte IV, the ciphertext and a 16-byte tag (AES-256-GCM); the key is the first
 * 32 bytes of the secret. With a private key: the AES key, encrypted by RSA-OAEP with SHA-256 and as long as the RSA
 * key (256 bytes for 2048 bits), comes first, and the IV has 12 bytes.
 * Source: docs.port.io, user inputs, "Secret".
 *
 * @param encrypted the value as Port sent it; anything but a string is a problem, not an exception
 */
export function decryptValue(encrypted: unknown, key: DecryptionKey): Decryption {
  if (typeof encrypted !== 'string') return problem(`is ${kindOf(encrypted)}`, 'a string')
  const text = encrypted.trim()
  if (text === '') return problem('is empty', 'a value that Port encrypted')
  const bytes = fromBase64(text)
  if (!bytes) return problem('is not base64', 'a value that Port encrypted')
  return 'privateKey' in key
    ? withPrivateKey(bytes, key.privateKey)
    : withClientSecret(bytes, key.clientSecret)
}

function withClientSecret(bytes: Buffer, clientSecret: string): Decryption {
  const key = Buffer.from(clientSecret).subarray(0, KEY_BYTES)
  if (key.length < KEY_BYTES) {
    return {
      ok: false,
      problem: {
        setting: 'port.clientSecret',
        found: `has ${key.length} bytes`,
        expected: `at least ${KEY_BYTES}`,
        advice: 'Copy the whole client secret from Port.',
      },
    }
  }
  return (
    decryptAes(bytes, key, IV_BYTES.clientSecret) ??
    problem(
      'is not a value that Port encrypted with this client secret',
      undefined,
      phrase`Use ${setting('port.clientId')} and ${setting('port.clientSecret')} of the organization that owns the action, and "encryption": "aes256-gcm" in its user input.`,
    )
  )
}

function withPrivateKey(bytes: Buffer, source: string | KeyObject): Decryption {
  const privateKey = readPrivateKey(source)
  if (!privateKey) {
    return problem(
      'cannot be decrypted: the private key is not an RSA key in PEM form',
      undefined,
      'Give the whole file, from "-----BEGIN PRIVATE KEY-----" to "-----END PRIVATE KEY-----", without a passphrase.',
    )
  }
  const wrapped = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  let key: Buffer
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    key = privateDecrypt(
      { key: privateKey, padding, oaepHash: 'sha256' },
      bytes.subarray(0, wrapped),
    )
  } catch {
    return problem(
      'is not a value that was encrypted for this private key',
      undefined,
      'Use the private key that belongs to the "key" in the "encryption" of the user input.',
    )
  }
  const decrypted =
    key.length === KEY_BYTES && decryptAes(bytes.subarray(wrapped), key, IV_BYTES.privateKey)
  return decrypted || problem('is damaged', 'a value that Port encrypted')
}

function decryptAes(bytes: Buffer, key: Buffer, ivBytes: number): Decryption | undefined {
  if (bytes.length < ivBytes + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const start = decipher.update(bytes.subarray(ivBytes, -TAG_BYTES))
    return { ok: true, text: Buffer.concat([start, decipher.final()]).toString() }
  } catch {
    return undefined
  }
}

function readPrivateKey(source: string | KeyObject): KeyObject | undefined {
  try {
    const key = typeof source === 'string' ? createPrivateKey(source) : source
    return key.type === 'private' && key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch {
    return undefined
  }
}

/** Node's reader skips what is not base64. */
function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

function problem(found: string, expected?: string, advice?: Problem['advice']): Decryption {
  return {
    ok: false,
    problem: { found, ...(expected && { expected }), ...(advice && { advice }) },
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}
