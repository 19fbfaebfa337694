import { createDecipheriv } from 'node:crypto'

const IV_BYTES = 16
const TAG_BYTES = 16
const KEY_BYTES = 32

/**
 * Decrypts a user input with `encryption: aes256-gcm`: base64 of a 16-byte IV, the ciphertext and a 16-byte tag; the
 * key is the first 32 bytes of the client secret.
 *
 * @returns undefined if it is not what Port encrypted with this secret
 */
export function decryptValue(encrypted: string, clientSecret: string): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64')
  const key = Buffer.from(clientSecret).subarray(0, KEY_BYTES)
  if (bytes.length < IV_BYTES + TAG_BYTES || key.length < KEY_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString()
  } catch {
    return undefined
  }
}
